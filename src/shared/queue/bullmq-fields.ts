/** The fields of a job's hash in Redis, and what a list shows of them. */

/** The job's field that says since when it waits for a handler: Unix milliseconds by Redis's clock. It is asdlc's own. */
export const UNHANDLED_SINCE = 'unhandled';

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
  UNHANDLED_SINCE,
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
  /** Since when it waits for a handler. */
  readonly unhandledSince: number;
}

/** Anything may be in Redis: what cannot be read counts as not there. */
export function parseListed(id: string, fields: JobFields): ListedJob {
  const { priority, attempts } = (parseJson(fields.opts) ?? {}) as { priority?: unknown; attempts?: unknown }; // checked below
  return {
    id,
    name: fields.name ?? '',
    priority: wholeNumber(priority), // as submitted: the job's field `priority` has BullMQ's
    attemptsMade: wholeNumber(fields.atm),
    maxAttempts: wholeNumber(attempts) || 1,
    timestamp: wholeNumber(fields.timestamp),
    delay: wholeNumber(fields.delay),
    processedOn: wholeNumber(fields.processedOn),
    finishedOn: wholeNumber(fields.finishedOn),
    failedReason: fields.failedReason ?? '',
    unhandledSince: wholeNumber(fields[UNHANDLED_SINCE]),
  };
}

/** Returns 0 for what is no number, and for one that is not exact. */
function wholeNumber(value: unknown): number {
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
