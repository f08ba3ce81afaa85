/*
 * Cron expressions: five fields, or six with the seconds first. A field has numbers, names, ranges, steps and lists. `L` is
 * the last day of the month. As in other crons a day counts when either of its two fields fits, if both are limited.
 */

/** The values of each field, in order. */
export interface Cron {
  readonly seconds: readonly number[];
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly isEveryHour: boolean;
  /** Whether a date counts: `month` from 1, `weekday` 0 for Sunday. */
  isDay(date: CalendarDay): boolean;
}

export interface CalendarDay {
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  readonly isLast: boolean;
}

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const SECOND: Field = { name: 'seconds', min: 0, max: 59 };
const MINUTE: Field = { name: 'minutes', min: 0, max: 59 };
const HOUR: Field = { name: 'hours', min: 0, max: 23 };
const DAY: Field = { name: 'days of the month', min: 1, max: 31 };
const MONTH: Field = {
  name: 'months',
  min: 1,
  max: 12,
  names: ['', 'jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
};
const WEEKDAY: Field = {
  name: 'days of the week',
  min: 0,
  max: 7,
  names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
};

/** A Map: the text may be `constructor`. */
const SHORT: ReadonlyMap<string, string> = new Map([
  ['@hourly', '0 * * * *'],
  ['@daily', '0 0 * * *'],
  ['@weekly', '0 0 * * 0'],
  ['@monthly', '0 0 1 * *'],
  ['@yearly', '0 0 1 1 *'],
]);

/** Reads an expression. Throws a RangeError "expected …; got …" for what is none. */
export function parseCron(text: string): Cron {
  const parts = (SHORT.get(text) ?? text).trim().split(/\s+/);
  if (text.startsWith('@') && !SHORT.has(text))
    throw new RangeError(`expected one of ${[...SHORT.keys()].join(' ')}; got ${JSON.stringify(text)}`);
  if (parts.length < 5 || parts.length > 6) {
    const count = text.trim() === '' ? 'none' : parts.length;
    throw new RangeError(
      `expected 5 fields (minute, hour, day of the month, month, day of the week), or 6 with the second first; got ${count}`,
    );
  }
  const [second = '0', minute = '', hour = '', day = '', month = '', weekday = ''] =
    parts.length === 6 ? parts : ['0', ...parts];
  const dayParts = day.split(',');
  const isLastDay = dayParts.some((part) => part.toUpperCase() === 'L');
  const numbers = dayParts.filter((part) => part.toUpperCase() !== 'L').join(',');
  const days = isLastDay && numbers === '' ? [] : valuesOf(DAY, numbers);
  const weekdays = valuesOf(WEEKDAY, weekday).map((value) => value % 7);
  const months = valuesOf(MONTH, month);
  const [isAnyDay, isAnyWeekday] = [isWild(day), isWild(weekday)];
  const hours = valuesOf(HOUR, hour);
  return {
    seconds: valuesOf(SECOND, second),
    minutes: valuesOf(MINUTE, minute),
    hours,
    isEveryHour: hours.length === 24,
    isDay: (date) => {
      if (!months.includes(date.month)) return false;
      const isDayOfMonth = days.includes(date.day) || (isLastDay && date.isLast);
      const isWeekday = weekdays.includes(date.weekday);
      if (isAnyDay || isAnyWeekday) return isDayOfMonth && isWeekday;
      return isDayOfMonth || isWeekday;
    },
  };
}

/** As in other crons a field that begins with a star limits nothing by itself, though it may have a step. */
function isWild(text: string): boolean {
  return text.startsWith('*') || text.startsWith('?');
}

function valuesOf(field: Field, text: string): number[] {
  const values = new Set<number>();
  for (const part of text.split(',')) for (const value of rangeOf(field, part)) values.add(value);
  return [...values].sort((a, b) => a - b);
}

function* rangeOf(field: Field, text: string): Generator<number> {
  const match = /^(?:[*?]|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(text);
  if (match === null) throw wrong(field, text);
  const [, from, to, step] = match;
  const size = step === undefined ? 1 : Number(step);
  if (size === 0)
    throw new RangeError(`${field.name}: expected a step of 1 or more; got ${JSON.stringify(text)}`);
  const first = from === undefined ? field.min : numberOf(field, from, text);
  const isOpen = from === undefined || (to === undefined && step !== undefined);
  const last = isOpen ? lastOf(field) : to === undefined ? first : numberOf(field, to, text);
  if (first > last)
    throw new RangeError(`${field.name}: expected a range from low to high; got ${JSON.stringify(text)}`);
  for (let value = first; value <= last; value += size) yield value;
}

/** Sunday has two numbers, and an open range takes the first. */
function lastOf(field: Field): number {
  return field === WEEKDAY ? 6 : field.max;
}

function numberOf(field: Field, text: string, part: string): number {
  const named = field.names?.indexOf(text.toLowerCase()) ?? -1;
  if (named > -1 && text !== '') return named;
  const value = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= field.min && value <= field.max) return value;
  throw wrong(field, part);
}

function wrong({ name, min, max, names }: Field, text: string): RangeError {
  const named = names === undefined ? '' : ` or ${names.filter((each) => each !== '')[0]} to ${names.at(-1)}`;
  return new RangeError(
    `${name}: expected ${min} to ${max}${named}, as *, 1-5, 1,3 or */2; got ${JSON.stringify(text)}`,
  );
}
