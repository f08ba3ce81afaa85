import { type Cron, parseCron } from './cron.ts';
import { checkTimeZone, offsetAt } from './time-zone.ts';

/*
 * When a schedule is due. A due time depends on the schedule alone: not on the process that computes it, nor on when it
 * does. So several processes agree on it, and a restart changes nothing.
 *
 * When clocks change, each local time of a cron still comes once: the first of two, and a time that is skipped comes as
 * much later as the clocks are set forward. 02:30 becomes 03:30. A cron of every hour follows the real time instead: it
 * leaves out the hour that is skipped, and runs in both of those that come twice.
 */

export type Timing = { readonly cron: string; readonly time_zone: string } | { readonly every_ms: number };

/** Returns the first due time after a time, both in Unix milliseconds; undefined: there is none in 40 years. */
export type NextDue = (afterMs: number) => number | undefined;

const DAY_MS = 86_400_000;
/** 29 February on a given day of the week may be 40 years away. */
const HORIZON_DAYS = 41 * 366;

/** Throws a RangeError "cron: expected …; got …" for what cannot be read, or never comes. */
export function dueTimes(timing: Timing): NextDue {
  if ('every_ms' in timing) return everyMs(timing.every_ms);
  const cron = inPlace('cron', () => parseCron(timing.cron));
  inPlace('time_zone', () => checkTimeZone(timing.time_zone));
  return (afterMs) => nextOfCron(cron, timing.time_zone, afterMs);
}

/** The multiples of the interval since 1970: they do not move when a schedule is replaced. */
function everyMs(every: number): NextDue {
  return (afterMs) => (Math.floor(afterMs / every) + 1) * every;
}

function inPlace<T>(place: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw new RangeError(`${place}: ${error.message}`);
    throw error;
  }
}

function nextOfCron(cron: Cron, timeZone: string, afterMs: number): number | undefined {
  // A skipped time may come on the next day.
  const from = Math.floor((afterMs + offsetAt(timeZone, afterMs)) / DAY_MS) - 1;
  for (let day = from; day < from + HORIZON_DAYS; day += 1) {
    if (!isDayOf(cron, day)) continue;
    const found = nextOnDay(cron, timeZone, day, afterMs);
    if (found.dueMs === undefined) continue;
    const isNextAlike = found.isChanging && isDayOf(cron, day + 1);
    const next = isNextAlike ? nextOnDay(cron, timeZone, day + 1, afterMs).dueMs : undefined;
    return Math.min(found.dueMs, next ?? Number.POSITIVE_INFINITY);
  }
  return undefined;
}

/** `day` counts local days since 1970. */
function isDayOf(cron: Cron, day: number): boolean {
  const date = new Date(day * DAY_MS);
  return cron.isDay({
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    weekday: date.getUTCDay(),
    isLast: new Date((day + 1) * DAY_MS).getUTCDate() === 1,
  });
}

/** `isChanging`: the clocks change about that day. */
function nextOnDay(
  cron: Cron,
  timeZone: string,
  day: number,
  afterMs: number,
): { dueMs: number | undefined; isChanging: boolean } {
  const start = day * DAY_MS;
  const range = { start, end: start + DAY_MS };
  const [before, after] = [offsetAt(timeZone, start - DAY_MS), offsetAt(timeZone, start + 2 * DAY_MS)];
  if (before === after) return { dueMs: nextLocal(cron, range, before, afterMs), isChanging: false };
  const change = changeBetween(timeZone, start - DAY_MS, start + 2 * DAY_MS, after);
  const [oldEnd, newStart] = cron.isEveryHour
    ? [change + before, change + after]
    : [change + Math.max(before, after), change + Math.max(before, after)];
  const old = nextLocal(cron, { start, end: Math.min(range.end, oldEnd) }, before, afterMs);
  const fresh = nextLocal(cron, { start: Math.max(start, newStart), end: range.end }, after, afterMs);
  return { dueMs: smallest(old, fresh), isChanging: true };
}

/** Returns the first time with the new offset, to the second. */
function changeBetween(timeZone: string, fromMs: number, toMs: number, newOffset: number): number {
  let [low, high] = [fromMs / 1000, toMs / 1000];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(timeZone, middle * 1000) === newOffset) high = middle;
    else low = middle;
  }
  return high * 1000;
}

/** Returns the first time after `afterMs` whose local time is in the range (from start, before end) of one day. */
function nextLocal(
  { hours, minutes, seconds }: Cron,
  { start, end }: { readonly start: number; readonly end: number },
  offset: number,
  afterMs: number,
): number | undefined {
  const midnight = Math.floor(start / DAY_MS) * DAY_MS;
  const least = Math.max(start, Math.floor((afterMs + offset) / 1000) * 1000 + 1000);
  for (const hour of hours) {
    const hourMs = midnight + hour * 3_600_000;
    if (hourMs + 3_600_000 <= least) continue;
    if (hourMs >= end) return undefined;
    for (const minute of minutes) {
      const minuteMs = hourMs + minute * 60_000;
      if (minuteMs + 60_000 <= least) continue;
      const second = seconds.find((each) => minuteMs + each * 1000 >= least);
      if (second === undefined) continue;
      const local = minuteMs + second * 1000;
      return local < end ? local - offset : undefined;
    }
  }
  return undefined;
}

function smallest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}
