import { nearestName } from '../nearest-name.ts';

const MAX_ZONES = 600;
const MAX_OFFSETS = 100;
/** Clocks change at quarters of an hour. */
const QUARTER_MS = 900_000;

interface Zone {
  readonly format: Intl.DateTimeFormat;
  /** By quarter of an hour since 1970: after an outage the times of a schedule are asked for one after another. */
  readonly offsets: Map<number, number>;
}

const zones = new Map<string, Zone>();

/** Throws a RangeError "expected …; got …" for what is no time zone. */
export function checkTimeZone(name: string): void {
  try {
    // An offset such as +02:00 knows no summer time, and is no name.
    if (/^[A-Za-z]/.test(name) && zoneOf(name)) return;
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
  const { format, offsets } = zoneOf(timeZone);
  const quarter = Math.floor(timeMs / QUARTER_MS);
  const known = offsets.get(quarter);
  if (known !== undefined) return known;
  const offset = readOffset(format, quarter * QUARTER_MS);
  if (offsets.size >= MAX_OFFSETS) offsets.clear();
  offsets.set(quarter, offset);
  return offset;
}

function readOffset(format: Intl.DateTimeFormat, timeMs: number): number {
  const read: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(timeMs)) read[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = read;
  return Date.UTC(year, month - 1, day, hour, minute, second) - timeMs;
}

function zoneOf(timeZone: string): Zone {
  const known = zones.get(timeZone);
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
  const zone = { format, offsets: new Map<number, number>() };
  if (zones.size >= MAX_ZONES) zones.clear();
  zones.set(timeZone, zone);
  return zone;
}
