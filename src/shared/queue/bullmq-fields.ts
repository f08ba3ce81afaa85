import { MAX_PROGRESS } from '../progress.ts';

/** The fields of a job's hash in Redis, and what a list shows of them. */

/** The job's field that says since when it waits for a handler: Unix milliseconds by Redis's clock. It is asdlc's own. */
export const UNHANDLED_SINCE = 'unhandled';

/** The job's field that says when somebody asked to cancel it while it ran. It is asdlc's own. */
export const CANCEL_ASKED = 'cancel';

/** What the error of a task begins with that waited for another one, which did not complete. */
export const CHILD_DEAD = 'child dead: ';

/** The error of a cancelled task. */
export const CANCELLED = 'cancelled: somebody asked to end the task';

/** The job's field with the name of the worker that took it last. */
export const PROCESSED_BY = 'pb';

/**
 * The job's field of a debounced task: what tells the payload with which it came from others, so that a repeat under its key is
 * known; empty: it has no key. It is asdlc's own.
 */
export const DEBOUNCED = 'debounced';

/** The job's field of a task that stands for others: those were accepted too. It is asdlc's own. */
export const STANDS_IN = 'standsIn';

/** The job's field that says when it is due after a backoff, or a retry by hand: Unix milliseconds. It is asdlc's own. */
const DUE = 'due';

/** The fields that a list of tasks shows: not `data` and `returnvalue`, which may be large. */
export const LISTED_FIELDS = [
  'name',
  'opts',
  'atm', // attempts made
  'timestamp',
  'delay',
  'processedOn',
  'finishedOn',
  'failedReason',
  PROCESSED_BY,
  UNHANDLED_SINCE,
  DUE,
] as const;

/** The fields of a job's hash, as Redis has them. */
export type JobFields = Readonly<Record<string, string | null | undefined>>;

/** What a list shows of a job. All times are Unix milliseconds; 0: never. */
export interface ListedJob {
  readonly id: string;
  readonly name: string;
  readonly priority: number;
  readonly attemptsMade: number;
  readonly maxAttempts: number;
  readonly timestamp: number;
  readonly delay: number;
  readonly processedOn: number;
  readonly finishedOn: number;
  readonly failedReason: string;
  /** The id of the worker that took it last; empty: none did, or one of an older version. */
  readonly worker: string;
  /** When it is or was due: after its delay, a backoff, or a retry by hand. */
  readonly due: number;
  /** Since when it waits for a handler. */
  readonly unhandledSince: number;
}

/** Anything may be in Redis: what cannot be read counts as not there. */
export function parseListed(id: string, fields: JobFields): ListedJob {
  const { priority, attempts, delay } = (parseJson(fields.opts) ?? {}) as Readonly<Record<string, unknown>>; // checked below
  const timestamp = wholeNumber(fields.timestamp);
  return {
    id,
    name: fields.name ?? '',
    priority: wholeNumber(priority), // as submitted: the job's field `priority` has BullMQ's
    attemptsMade: wholeNumber(fields.atm),
    maxAttempts: wholeNumber(attempts) || 1,
    timestamp,
    delay: wholeNumber(fields.delay),
    processedOn: wholeNumber(fields.processedOn),
    finishedOn: wholeNumber(fields.finishedOn),
    failedReason: fields.failedReason ?? '',
    worker: fields[PROCESSED_BY] ?? '',
    due: Math.max(timestamp && timestamp + wholeNumber(delay), wholeNumber(fields[DUE])),
    unhandledSince: wholeNumber(fields[UNHANDLED_SINCE]),
  };
}

/**
 * When an attempt began; 0: none did. Processes know Redis's clock to a few milliseconds: without this a task could seem
 * to start before it was made.
 */
export function startOf(processedOn: number, timestamp: number): number {
  return processedOn && Math.max(processedOn, timestamp);
}

/** Returns 0 for what is no number, and for one that is not exact. */
export function wholeNumber(value: unknown): number {
  const number = Math.trunc(Number(typeof value === 'object' ? 0 : value));
  return Number.isSafeInteger(number) ? number : 0;
}

/** Returns undefined for what is not JSON. */
export function parseJson(text: string | null | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

/** Returns null for what is not there, not JSON or too long. */
export function parseProgress(text: string | null | undefined): unknown {
  return (text?.length ?? 0) > MAX_PROGRESS ? null : (parseJson(text) ?? null);
}
