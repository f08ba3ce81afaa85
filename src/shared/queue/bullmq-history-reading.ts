import type { Redis } from 'ioredis';
import type { TaskStatus } from '../http-contract/tasks.ts';
import { PROCESSED_BY, parseJson, parseProgress, wholeNumber } from './bullmq-fields.ts';
import {
  ATTEMPTS,
  CHANGES,
  type KeptAttempt,
  type KeptChange,
  MAX_ENTRIES,
  MAX_ENTRY,
  MAX_FIELD,
} from './bullmq-history.ts';
import type { KeyOf } from './bullmq-schema.ts';
import { STATUS_OF } from './bullmq-tasks.ts';
import { createScript } from './script.ts';

/** What a history is made of. */
const FIELDS = [
  'atm',
  'timestamp',
  'processedOn',
  'finishedOn',
  PROCESSED_BY,
  'failedReason',
  'stacktrace',
  'progress',
  ATTEMPTS,
  CHANGES,
] as const;

/** KEYS: the job. ARGV: what all keys begin with, the id. Returns false when there is no such job. */
const READ = createScript(`${STATUS_OF}
local kind = redis.call('TYPE', KEYS[1]).ok
if kind == 'none' then return false end
local fields = kind == 'hash' and redis.call('HMGET', KEYS[1], ${FIELDS.map((name) => `'${name}'`).join(', ')})
return {statusOf(ARGV[1], ARGV[2]), fields or {}}
`);

export interface StoredHistory {
  readonly status: TaskStatus;
  readonly attemptsMade: number;
  readonly timestamp: number;
  readonly processedOn: number;
  readonly finishedOn: number;
  /** Of the attempt that runs or ended last. */
  readonly worker: string;
  readonly failedReason: string;
  /** Of the last failed attempt, where BullMQ has it; else empty. */
  readonly lastStack: string;
  readonly progress: unknown;
  readonly attempts: readonly KeptAttempt[];
  readonly changes: readonly KeptChange[];
}

/** Reads what happened to a task; undefined when there is no such task. */
export async function readHistory(
  redis: Redis,
  keyOf: KeyOf,
  id: string,
): Promise<StoredHistory | undefined> {
  const reply = (await READ(redis, [keyOf(id)], [keyOf(''), id])) as [TaskStatus, (string | null)[]] | null; // as in the script
  if (reply === null) return undefined;
  const [status, values] = reply;
  const [
    made,
    timestamp,
    processedOn,
    finishedOn,
    worker,
    failedReason,
    stacks,
    progress,
    attempts,
    changes,
  ] = values;
  const traces = parseJson(stacks);
  const lastStack: unknown = Array.isArray(traces) ? traces.at(-1) : undefined;
  return {
    status,
    attemptsMade: wholeNumber(made),
    timestamp: wholeNumber(timestamp),
    processedOn: wholeNumber(processedOn),
    finishedOn: wholeNumber(finishedOn),
    worker: worker ?? '',
    failedReason: failedReason ?? '',
    lastStack: typeof lastStack === 'string' ? lastStack.slice(0, MAX_ENTRY) : '',
    progress: parseProgress(progress),
    attempts: entriesOf(attempts).flatMap(parseAttempt),
    changes: entriesOf(changes).flatMap(parseChange),
  };
}

/** Anything may be in Redis: what cannot be read is left out. */
function entriesOf(field: string | null | undefined): Readonly<Record<string, unknown>>[] {
  const lines = (field ?? '')
    .slice(-2 * MAX_FIELD)
    .split('\n')
    .slice(-MAX_ENTRIES);
  return lines.map(parseJson).filter((entry): entry is Record<string, unknown> => isObject(entry));
}

const OUTCOMES = ['failed', 'timed_out', 'put_back', 'stalled'] as const;

function parseAttempt({ number, startedMs, endedMs, worker, outcome, error, progress }: Raw): KeptAttempt[] {
  const known = OUTCOMES.find((name) => name === outcome);
  if (known === undefined) return [];
  const { name, message, stack } = isObject(error) ? error : {};
  return [
    {
      number: wholeNumber(number),
      startedMs: wholeNumber(startedMs),
      endedMs: wholeNumber(endedMs),
      worker: textOf(worker),
      outcome: known,
      ...(isObject(error) && {
        error: { name: textOf(name), message: textOf(message), stack: textOf(stack) },
      }),
      ...(progress !== undefined && { progress }),
    },
  ];
}

function parseChange({ action, by, atMs }: Raw): KeptChange[] {
  return typeof action === 'string' ? [{ action, by: textOf(by), atMs: wholeNumber(atMs) }] : [];
}

type Raw = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, MAX_ENTRY) : '';
}
