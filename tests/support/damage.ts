import type { Redis } from 'ioredis';

/** What damages a task: one field of its hash gets a value, or goes. */
export interface Damage {
  readonly field: string;
  /** Undefined: the field goes. */
  readonly value: string | Buffer | undefined;
}

/** All fields that BullMQ or asdlc reads from the hash of a task that waits. */
const FIELDS = [
  'name',
  'data',
  'opts',
  'timestamp',
  'delay',
  'priority',
  'ats',
  'atm',
  'stc',
  'due',
  'attemptsMade',
  'processedOn',
  'finishedOn',
  'failedReason',
  'stacktrace',
  'returnvalue',
  'progress',
  'parent',
  'parentKey',
  'deid',
  'rjk',
  'defa',
  'pb',
  'asdlc:attempts',
];

const VALUES = [
  undefined,
  '',
  '{"payload":',
  '-1',
  '1.5',
  'NaN',
  '1e999',
  '99999999999999999999',
  'null',
  '"text"',
  '[]',
  '{}',
  '['.repeat(20_000),
  Buffer.from([0x22, 0xff, 0xfe, 0x22]),
];

/** Each option of a job that BullMQ knows. */
const OPTIONS = [
  'attempts',
  'backoff',
  'delay',
  'priority',
  'removeOnComplete',
  'removeOnFail',
  'stackTraceLimit',
  'lifo',
  'tm',
  'omc',
  'parent',
  'repeat',
  'rjk',
  'de',
  'timestamp',
  'jobId',
  'kl',
  'fpof',
];

const OPTION_VALUES = [
  'null',
  '"x"',
  '-1',
  '1e400',
  '[]',
  '{}',
  'true',
  '{"count":"x"}',
  '{"type":7,"delay":"x"}',
];

/** What the damaged field was needed for: without it no worker can tell what to run, or BullMQ would fail on it. */
const NEEDED = ['name', 'data', 'opts', 'timestamp'];
const NOT_TO_BE_ODD = ['priority', 'ats', 'atm', 'stc', 'parent', 'parentKey', 'defa'];
const SOUND: Readonly<Record<string, readonly string[]>> = { data: ['null', '{}'], opts: ['{}'] };

/** Whether the task must end unreadable. One with odd options may end as it would without them. */
export function isFatal({ field, value }: Damage): boolean | undefined {
  if (field === 'opts' && String(value).startsWith('{"attempts"')) return undefined;
  if (SOUND[field]?.includes(String(value))) return false;
  return NEEDED.includes(field) || (value !== undefined && NOT_TO_BE_ODD.includes(field));
}

/** Every field with every value, and every option with every value. */
export const DAMAGES: readonly Damage[] = [
  ...FIELDS.flatMap((field) => VALUES.map((value) => ({ field, value }))).filter(
    ({ field, value }) => field !== 'name' || value !== 'null', // that is an event type like another
  ),
  { field: 'data', value: Buffer.from('{"payload":"\xff"}', 'latin1') },
  ...OPTIONS.flatMap((option) =>
    OPTION_VALUES.map((value) => ({ field: 'opts', value: `{"attempts":2,"${option}":${value}}` })),
  ),
];

/** A name for messages of a test. */
export function nameOf({ field, value }: Damage): string {
  return `${field} = ${value === undefined ? 'nothing' : JSON.stringify(String(value).slice(0, 60))}`;
}

export async function damage(redis: Redis, key: string, { field, value }: Damage): Promise<void> {
  if (value === undefined) await redis.hdel(key, field);
  else await redis.hset(key, field, value);
}
