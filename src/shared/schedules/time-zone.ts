import { nearestName } from '../nearest-name.ts';

const MAX_FORMATS = 600;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Throws a RangeError "expected …; got …" for what is no time zone. */
export function checkTimeZone(name: string): void {
  try {
    // An offset such as +02:00 knows no summer time, and is no name.
    if (/^[A-Za-z]/.test(name) && formatOf(name)) return;
  } catch {
    // told below
  }
  const nearest = nearestName(name, Intl.supportedValuesOf('timeZone'));
  const hint = nearest === undefined ? '' : `. Did you mean ${nearest}?`;
  throw new RangeError(
    `expected the name of a time zone, such as Europe/Berlin or UTC; got ${JSON.stringify(name)}${hint}`,
  );
}

/** Returns how far the zone's clocks are ahead of UTC at a time (Unix milliseconds), in milliseconds. */
export function offsetAt(timeZone: string, timeMs: number): number {
  const seconds = Math.floor(timeMs / 1000) * 1000;
  const read: Record<string, number> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(seconds)) read[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = read;
  return Date.UTC(year, month - 1, day, hour, minute, second) - seconds;
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  if (formats.size >= MAX_FORMATS) formats.clear();
  formats.set(timeZone, format);
  return format;
}
