import { QueryError } from '../../shared/errors.ts';

/** As many steps may lie between start and end: Prometheus's limit, which lets 11,001 points pass. */
export const MAX_POINTS = 11_000;

/** Past this (the year 5138) a number of seconds is milliseconds by mistake, or as far as a time can be. */
const MAX_SECONDS = 1e11;

/** Go's earliest and latest time, as clients of Prometheus send them for "from ever": some 2^63 ms. */
const EXTREME_SECONDS = 9.2e15;
const EXTREMES: ReadonlyMap<string, number> = new Map([
  ['-292273086-05-16T16:47:06Z', -MAX_SECONDS],
  ['292277025-08-18T07:12:54.999999999Z', MAX_SECONDS],
]);

const RFC3339 = /^\d{4}-\d\d-(\d\d)[Tt ](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
/** Prometheus's durations: units from large to small, each at most once. */
const DURATION = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;
const UNIT_SECONDS = [31_536_000, 604_800, 86_400, 3_600, 60, 1, 0.001];

/** Returns Unix seconds, rounded to the millisecond as TSDBs do, from seconds or RFC 3339. Throws bad_data. */
export function parseTime(name: string, text: string): number {
  if (NUMBER.test(text)) {
    const seconds = Number(text);
    if (Math.abs(seconds) <= MAX_SECONDS) return wholeMilliseconds(seconds);
    if (Math.abs(seconds) >= EXTREME_SECONDS) return Math.sign(seconds) * MAX_SECONDS;
    throw new QueryError(
      'bad_data',
      `${name}: expected Unix seconds; got ${text}, which looks like milliseconds`,
    );
  }
  const extreme = EXTREMES.get(text);
  if (extreme !== undefined) return extreme;
  const milliseconds = rfc3339Milliseconds(text);
  if (Number.isNaN(milliseconds)) {
    throw new QueryError(
      'bad_data',
      `${name}: expected Unix seconds or RFC 3339; got ${JSON.stringify(text)}`,
    );
  }
  return milliseconds / 1000;
}

/** Returns NaN for other texts. Date.parse alone would read 30 February as a day of March. */
function rfc3339Milliseconds(text: string): number {
  const day = RFC3339.exec(text)?.[1];
  if (day === undefined) return Number.NaN;
  const isDay = new Date(`${text.slice(0, 10)}T00:00:00Z`).getUTCDate() === Number(day);
  return isDay ? Date.parse(text.replace(' ', 'T')) : Number.NaN;
}

function wholeMilliseconds(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

/**
 * Returns seconds, rounded to the millisecond, from seconds or a duration such as 1h30m. Throws bad_data below one
 * millisecond: TSDBs would cut the fraction off and make more points than checkRange counted.
 */
export function parseDuration(name: string, text: string): number {
  const seconds = wholeMilliseconds(NUMBER.test(text) ? Number(text) : durationSeconds(text));
  if (!(seconds > 0 && seconds <= MAX_SECONDS)) {
    throw new QueryError(
      'bad_data',
      `${name}: expected seconds or a duration such as 15s or 1h30m, at least 1ms; got ${JSON.stringify(text)}`,
    );
  }
  return seconds;
}

function durationSeconds(text: string): number {
  const match = DURATION.exec(text);
  if (match === null) return Number.NaN;
  return UNIT_SECONDS.reduce((sum, unit, i) => sum + Number(match[i + 1] ?? 0) * unit, 0);
}

/** Throws bad_data for a range that ends before it starts, or that makes too many points. */
export function checkRange(start: number, end: number, step: number): void {
  if (end < start)
    throw new QueryError('bad_data', `end: expected a time not before start; got ${end} < ${start}`);
  const intervals = Math.floor(Math.round((end - start) * 1000) / Math.round(step * 1000));
  if (intervals > MAX_POINTS) {
    throw new QueryError(
      'bad_data',
      `step: exceeded maximum resolution of 11,000 points per timeseries; got ${intervals}. Try decreasing the query resolution (?step=XX)`,
    );
  }
}
