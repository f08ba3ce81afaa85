const EVENT_TYPE = /^[a-z][a-z0-9_.-]{0,63}$/;

export function eventTypeError(text: string): string | undefined {
  if (EVENT_TYPE.test(text)) return undefined;
  return 'Expected a lower-case letter, then up to 63 of a–z 0–9 _ . -';
}
