/**
 * A text as scrapers can read it. UTF-8 has no lone surrogates, so that each would be sent as U+FFFD. Prometheus takes
 * NUL for the end of an OpenMetrics body. Both become U+FFFD.
 */
export function toReadable(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed();
  return wellFormed.includes('\0') ? wellFormed.replaceAll('\0', '\ufffd') : wellFormed;
}

const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** What a message shows of a text and of a list. */
const SHOWN_CHARACTERS = 200;
const SHOWN_ITEMS = 20;

/** Short text of a value for an error message; never throws. */
export function describe(value: unknown): string {
  try {
    return describeWithin(value, 3);
  } catch {
    return 'an object that cannot be read';
  }
}

function describeWithin(value: unknown, depth: number): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, SHOWN_CHARACTERS));
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  if (depth === 0) return 'an object';
  if (!Array.isArray(value))
    return `an object with the keys ${describeWithin(Object.keys(value), depth - 1)}`;
  const items = value.slice(0, SHOWN_ITEMS).map((item) => describeWithin(item, depth - 1));
  return `[${items.join(', ')}${value.length > SHOWN_ITEMS ? ', …' : ''}]`;
}

/** Throws unless the names are valid and unique. `__…` is reserved, and so are the type's own (`le`). */
export function checkLabelNames(
  metric: string,
  names: readonly unknown[],
  reserved: readonly string[],
): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (typeof name !== 'string' || !LABEL_NAME.test(name)) {
      throw new TypeError(`${metric}: expected label names like status_code; got ${describe(name)}`);
    }
    if (name.startsWith('__') || reserved.includes(name)) {
      throw new TypeError(`${metric}: expected label names that are not reserved; got ${name}`);
    }
    if (seen.has(name)) throw new TypeError(`${metric}: expected each label name once; got ${name} twice`);
    seen.add(name);
  }
}
