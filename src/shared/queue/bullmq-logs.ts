import type { Redis } from 'ioredis';
import { parseJson, wholeNumber } from './bullmq-fields.ts';
import type { KeyOf } from './bullmq-schema.ts';
import { createScript } from './script.ts';

/*
 * The last lines that a handler logged: BullMQ's list of a job's logs, which goes with the job. BullMQ would take a script
 * for each line; here many go at once. Each is JSON.
 */

export const MAX_LINES = 100;
/** Limits in characters: of a message, of the fields of a line, and of the whole. */
const MAX_MESSAGE = 1_000;
const MAX_FIELDS = 1_000;
const MAX_CUT_FIELD = 200;
const MAX_LINE = 4 * 1024;

/** A line of a handler's logger. */
export interface KeptLine {
  /** When it was logged, in Unix milliseconds by Redis's clock; 0: not known. */
  readonly atMs: number;
  /** pino's; 0: not known. */
  readonly level: number;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** The attempt that logged it, when that began, and which of its lines this is: 1 is the first. */
  readonly attempt: number;
  readonly startedMs: number;
  readonly number: number;
}

/** Every line of a handler has these. The task says the same. */
const OF_EACH_LINE = [
  'level',
  'time',
  'msg',
  'service',
  'pid',
  'hostname',
  'task_id',
  'event_type',
  'trace_id',
];

/** Returns a line of pino as it is kept. `aheadMs`: how far Redis's clock is ahead of this machine's. */
export function formatLine(
  text: string,
  { aheadMs, ...place }: Pick<KeptLine, 'attempt' | 'startedMs' | 'number'> & { readonly aheadMs: number },
): string {
  const logged = parseJson(text);
  const { level, time, msg, ...others } = (logged ?? { msg: text }) as Readonly<Record<string, unknown>>; // pino writes objects
  const line: KeptLine = {
    atMs: Math.round(wholeNumber(time) && wholeNumber(time) + aheadMs),
    level: wholeNumber(level),
    message: typeof msg === 'string' ? msg.slice(0, MAX_MESSAGE) : '',
    fields: shortened(others),
    ...place,
  };
  const whole = JSON.stringify(line);
  if (whole.length <= MAX_LINE) return whole;
  return JSON.stringify({ ...line, message: line.message.slice(0, MAX_CUT_FIELD), fields: {} });
}

/** Cuts long values, and leaves out what does not fit then. */
function shortened(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  let left = MAX_FIELDS;
  for (const [name, value] of Object.entries(fields)) {
    if (OF_EACH_LINE.includes(name)) continue;
    const text = JSON.stringify(value);
    const isLong = text.length > MAX_CUT_FIELD && text.length + name.length > left;
    left -= name.length + (isLong ? MAX_CUT_FIELD : text.length);
    if (left >= 0) kept[name] = isLong ? `${text.slice(0, MAX_CUT_FIELD)}…` : value;
  }
  return kept;
}

/** KEYS: the job, its logs. ARGV: lines. */
const ADD = createScript(`
if redis.call('TYPE', KEYS[1]).ok ~= 'hash' then return end
local kind = redis.call('TYPE', KEYS[2]).ok
if kind ~= 'list' and kind ~= 'none' then return end
redis.call('RPUSH', KEYS[2], unpack(ARGV))
redis.call('LTRIM', KEYS[2], ${-MAX_LINES}, -1)
`);

/** Keeps up to 100 lines with a task, unless it was removed. Older lines go where there are more. */
export async function addLines(
  redis: Redis,
  keyOf: KeyOf,
  id: string,
  lines: readonly string[],
): Promise<void> {
  await ADD(redis, [keyOf(id), `${keyOf(id)}:logs`], lines);
}

/** KEYS: the job, its logs. */
const READ = createScript(`
if redis.call('EXISTS', KEYS[1]) == 0 then return false end
if redis.call('TYPE', KEYS[2]).ok ~= 'list' then return {} end
local lines = redis.call('LRANGE', KEYS[2], ${-MAX_LINES}, -1)
for i, line in ipairs(lines) do lines[i] = string.sub(line, 1, ${4 * MAX_LINE}) end
return lines
`);

/** Returns the lines that are kept with a task, oldest first; undefined when there is no such task. */
export async function readLines(redis: Redis, keyOf: KeyOf, id: string): Promise<KeptLine[] | undefined> {
  const texts = (await READ(redis, [keyOf(id), `${keyOf(id)}:logs`], [])) as string[] | null; // as in the script
  if (texts === null) return undefined;
  const seen = new Set<string>(); // a connection that was lost before the reply sends its lines again
  return texts.map(parseLine).filter(({ number, startedMs }) => {
    const place = `${startedMs}:${number}`;
    const isNew = number === 0 || !seen.has(place);
    seen.add(place);
    return isNew;
  });
}

/** Anything may be in Redis: other programs log whatever text they like. */
function parseLine(text: string): KeptLine {
  const given = parseJson(text) as Partial<Record<keyof KeptLine, unknown>> | null | undefined; // checked below
  const { atMs, level, message, fields, attempt, startedMs, number } = given ?? {};
  const isOurs = typeof message === 'string' && typeof fields === 'object' && fields !== null;
  return {
    atMs: wholeNumber(atMs),
    level: wholeNumber(level),
    message: isOurs ? message : text.slice(0, MAX_MESSAGE),
    fields: isOurs ? (fields as KeptLine['fields']) : {},
    attempt: wholeNumber(attempt),
    startedMs: wholeNumber(startedMs),
    number: wholeNumber(number),
  };
}
