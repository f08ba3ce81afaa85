import type { RedisQueueBackend } from 'bullmq';
import { ATTEMPTS, addEntry, formatAttempt } from '../../shared/queue/bullmq-history.ts';
import type { TaskRecord } from '../../shared/queue/queue.ts';
import type { AttemptFailure } from '../attempts/failure.ts';

type Backend = Pick<RedisQueueBackend, 'moveToFailed' | 'moveToDelayed' | 'retryJob'>;

export interface KeptAttemptsOptions {
  /** The worker's id. */
  readonly worker: string;
  /** Redis's time. */
  readonly clock: { now(): number };
}

/** Makes BullMQ store each failed attempt with its end: in the same script, so that neither is there without the other. */
export class KeptAttempts {
  readonly #options: KeptAttemptsOptions;
  /** The attempts before this one, as Redis has them: by id until there is a record of the job. */
  readonly #fetched = new Map<string, string>();
  readonly #earlier = new WeakMap<TaskRecord, string>();
  /** The fields to store with the end of a job, by the token of its lock. */
  readonly #ends = new Map<string, Readonly<Record<string, string>>>();

  constructor(backend: Backend, options: KeptAttemptsOptions) {
    this.#options = options;
    const fieldsOf = (token: string, given: Record<string, unknown> = {}) => ({
      ...given,
      ...this.#ends.get(token),
    });
    const moveToFailed = backend.moveToFailed.bind(backend);
    backend.moveToFailed = (job, reason, remove, token, fetchNext, fields) =>
      moveToFailed(job, reason, remove, token, fetchNext, fieldsOf(token, fields));
    const moveToDelayed = backend.moveToDelayed.bind(backend);
    backend.moveToDelayed = (id, time, delay, token = '0', given) => {
      const isEnd = this.#ends.has(token);
      const fieldsToUpdate = fieldsOf(token, given?.fieldsToUpdate);
      return moveToDelayed(id, time, delay, token, isEnd ? { ...given, fieldsToUpdate } : given);
    };
    const retryJob = backend.retryJob.bind(backend);
    backend.retryJob = (id, lifo, token = '0', given) =>
      retryJob(id, lifo, token, { ...given, fieldsToUpdate: fieldsOf(token, given?.fieldsToUpdate) });
  }

  /** Notes what Redis has of a job that was fetched: names and values in turn. `created` must follow. */
  fetched(id: string, pairs: readonly string[]): void {
    const at = pairs.findIndex((text, i) => i % 2 === 0 && text === ATTEMPTS);
    if (at >= 0) this.#fetched.set(id, pairs[at + 1] ?? '');
  }

  created(job: TaskRecord, id: string): void {
    const field = this.#fetched.get(id);
    if (field === undefined) return;
    this.#earlier.set(job, field);
    this.#fetched.delete(id);
  }

  /** The next end that is stored under this token is that of a failed attempt. */
  failing(job: TaskRecord, token: string, { reason, thrown }: AttemptFailure): void {
    const { worker, clock } = this.#options;
    const { name, message, stack } = thrown;
    const entry = formatAttempt({
      number: job.attemptsMade + 1,
      startedMs: job.processedOn ?? 0,
      endedMs: Math.round(clock.now()),
      worker,
      outcome: reason === 'timeout' ? 'timed_out' : 'failed',
      error: { name, message, stack },
      ...(job.progress !== 0 && { progress: job.progress }),
    });
    job.stacktrace = []; // BullMQ would add to all that it has of the attempts before
    this.#ends.set(token, {
      [ATTEMPTS]: addEntry(this.#earlier.get(job) ?? '', entry),
      ...(job.progress !== 0 && { progress: 'null' }),
    });
  }

  /** The end is stored, or will not be. */
  release(token: string): void {
    this.#ends.delete(token);
  }
}
