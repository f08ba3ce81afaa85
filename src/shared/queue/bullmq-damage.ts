import { EVENT_TYPE_PATTERN } from '../http-contract/limits.ts';
import { CANCEL_ASKED, CANCELLED, type JobFields, parseJson } from './bullmq-fields.ts';
import { childDeathOf } from './bullmq-flows.ts';
import { UNREADABLE } from './bullmq-guard.ts';

/*
 * What makes a task unreadable: a field without which a worker cannot tell what to run, or with which BullMQ would fail.
 * The other fields do not matter: a damaged one counts as not there.
 */

const EVENT_TYPE = new RegExp(EVENT_TYPE_PATTERN);
const TIME = /^\d{1,15}$/;

/** Returns which field of a task is damaged, all but `data`; undefined: none. */
export function damageOf(fields: JobFields): string | undefined {
  const { name, opts, timestamp, defa } = fields;
  if (typeof defa === 'string' && childDeathOf(defa) === undefined) {
    return defa.startsWith(UNREADABLE) ? defa.slice(UNREADABLE.length) : 'defa: expected none; got some text';
  }
  if (typeof name !== 'string' || !EVENT_TYPE.test(name)) return damage('name', 'an event type', name);
  if (typeof fields.data !== 'string' || fields.data === '') return damage('data', 'JSON', fields.data);
  if (typeof timestamp !== 'string' || !TIME.test(timestamp)) {
    return damage('timestamp', 'Unix milliseconds', timestamp);
  }
  return damageOfOptions(opts);
}

/** Returns why a task's data are damaged; undefined: they are not. */
export function damageOfData(data: unknown): string | undefined {
  return data === null || isObject(data) ? undefined : 'data: expected a JSON object; got another value';
}

/** Which options BullMQ computes with, and what it needs there. */
const OPTIONS: Readonly<Record<string, (value: unknown) => boolean>> = {
  attempts: isNumber,
  delay: isNumber,
  priority: isNumber,
  stackTraceLimit: isNumber,
  backoff: (value) => isNumber(value) || (isObject(value) && hasNumbers(value, 'delay')),
  removeOnComplete: isKept,
  removeOnFail: isKept,
  tm: (value) => typeof value === 'string',
  parent: isObject,
  repeat: isObject,
  de: isObject,
};

/** Most tasks have the same ones. */
let lastSound: string | undefined;

function damageOfOptions(text: string | null | undefined): string | undefined {
  if (text === lastSound && text !== undefined) return undefined;
  const opts = parseJson(text);
  if (!isObject(opts)) return damage('opts', 'a JSON object', text);
  for (const [name, value] of Object.entries(opts)) {
    if (Object.hasOwn(OPTIONS, name) && !OPTIONS[name]?.(value))
      return `opts.${name}: got a value of a wrong type`;
  }
  lastSound = text ?? undefined;
  return undefined;
}

function isKept(value: unknown): boolean {
  return (
    typeof value === 'boolean' ||
    isNumber(value) ||
    (isObject(value) && hasNumbers(value, 'count', 'age', 'limit'))
  );
}

function hasNumbers(value: Readonly<Record<string, unknown>>, ...names: readonly string[]): boolean {
  return names.every((name) => value[name] === undefined || isNumber(value[name]));
}

function isNumber(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Never with the text itself: a log line must not show what may be of a payload. */
function damage(field: string, expected: string, got: string | null | undefined): string {
  const what = got == null ? 'none' : got === '' ? 'an empty text' : 'another text';
  return `${field}: expected ${expected}; got ${what}`;
}

/** What of a fetched job is read: BullMQ's worker needs some fields, and some say that the job is dead already. */
const READ: Readonly<Record<string, 'always' | 'of flows' | 'of the dead'>> = {
  name: 'always',
  data: 'always',
  opts: 'always',
  timestamp: 'always',
  delay: 'always',
  priority: 'always',
  ats: 'always',
  atm: 'always',
  stc: 'always',
  processedOn: 'always',
  parent: 'of flows',
  parentKey: 'of flows',
  deid: 'of flows',
  rjk: 'of flows',
  defa: 'of the dead',
  [CANCEL_ASKED]: 'of the dead',
};
const WANTED = new Map(Object.entries(READ));

/**
 * Makes the hash of a fetched job one that BullMQ can read: names and values in turn. A damaged job gets `defa`, the
 * reason for which BullMQ ends it dead. So does one that somebody cancelled in an earlier attempt. The other fields would be
 * of an earlier run, or damaged.
 */
export function readableJob(pairs: readonly string[], addDamage?: string): string[] {
  const fields: Record<string, string> = {};
  const kept: string[] = [];
  for (let i = 0; i < pairs.length; i += 2) {
    const name = pairs[i] ?? '';
    const value = pairs[i + 1] ?? '';
    const wanted = WANTED.get(name);
    if (wanted === undefined) continue;
    fields[name] = value;
    if (wanted !== 'of the dead') kept.push(name, value);
  }
  const reason = damageOf(fields) ?? addDamage;
  if (reason !== undefined) return [...withoutDamage(fields), 'defa', UNREADABLE + reason];
  const death = fields[CANCEL_ASKED] === undefined ? childDeathOf(fields.defa ?? '') : CANCELLED;
  if (death !== undefined) kept.push('defa', death);
  return kept;
}

function withoutDamage({ name = '', timestamp = '', ...fields }: Readonly<Record<string, string>>): string[] {
  const sound = Object.entries(fields).filter(([field]) => WANTED.get(field) === 'always');
  return Object.entries({
    ...Object.fromEntries(sound),
    name,
    timestamp: TIME.test(timestamp) ? timestamp : '0',
    data: '{}',
    opts: '{}',
  }).flat();
}
