import { randomBytes, randomUUID } from 'node:crypto';
import type { BulkJobOptions } from 'bullmq';
import { idempotencyKeyReused, overloaded } from '../../shared/errors.ts';
import type { TaskRequest, TaskSummary } from '../../shared/http-contract/tasks.ts';
import { BACKOFF_TYPE, dataOf, type TaskData, type TaskQueue } from '../../shared/queue/queue.ts';
import type { Tracing } from '../../shared/service/tracing.ts';
import { withinLimit } from './redis-limit.ts';
import type { FoundTask, TaskLookup } from './task-lookup.ts';
import { dataOfRequest, isOfRequest, type TraceContext, taskId } from './task-request.ts';

export interface TaskSubmitterOptions {
  readonly queue: TaskQueue;
  readonly lookup: TaskLookup;
  /** Redis's clock, in Unix milliseconds. */
  readonly clock: { now(): number };
  readonly maxAttempts: number;
  readonly retryDelayMs: number;
  /** Set when OTEL_TRACING is on. */
  readonly tracing?: Tracing | undefined;
}

export interface SubmitOptions extends TraceContext {
  readonly idempotencyKey?: string | undefined;
}

/** A submitted task. A duplicate was submitted before under the same key. */
export type Submission = TaskSummary & { readonly isDuplicate: boolean };

/** Tasks that one process submits at once. More would not all be stored within the time limit on a busy machine. */
const MAX_TASKS_UNDER_WAY = 5_000;

/** Tells a client whose submission ended in doubt to send it again. */
const SUBMISSION = { isSubmission: true };

/** A request with its id, and the task that was submitted before under the same key, if any. */
interface Entry {
  readonly id: string;
  readonly request: TaskRequest;
  readonly existing: FoundTask | undefined;
}

/**
 * Puts tasks on the queue. It throws ASDLC_REDIS_UNAVAILABLE within 2 s when Redis does not answer. The tasks may be
 * queued all the same: submit them again under the same key.
 */
export class TaskSubmitter {
  readonly #options: TaskSubmitterOptions;
  /** Tasks that are being submitted. */
  #underWay = 0;

  constructor(options: TaskSubmitterOptions) {
    this.#options = options;
  }

  /** As submitBatch, for one task. */
  async submit(request: TaskRequest, options: SubmitOptions = {}): Promise<Submission> {
    const [task] = await this.submitBatch([request], options);
    if (task === undefined) throw new Error('expected a submission for the task; got none');
    return task;
  }

  /**
   * Queues tasks and returns them in order. When that fails for one, it removes the others, unless Redis does not answer
   * or a worker has started them. With a key they stay: the same batch under the same key queues the rest and returns
   * the others as they are now. Throws ASDLC_IDEMPOTENCY_KEY_REUSED for another event type or payload under that key.
   */
  async submitBatch(requests: readonly TaskRequest[], options: SubmitOptions = {}): Promise<Submission[]> {
    if (this.#underWay + requests.length > MAX_TASKS_UNDER_WAY) {
      throw overloaded('as many submissions under way as it can finish in time');
    }
    this.#underWay += requests.length;
    try {
      return await this.#submit(requests, options);
    } finally {
      this.#underWay -= requests.length;
    }
  }

  #submit(
    requests: readonly TaskRequest[],
    { idempotencyKey, ...trace }: SubmitOptions,
  ): Promise<Submission[]> {
    return withinLimit(async (): Promise<Submission[]> => {
      const submission = idempotencyKey === undefined ? undefined : randomBytes(6).toString('base64url');
      let entries = await Promise.all(requests.map((request, i) => this.#entry(request, i, idempotencyKey)));
      const fresh = entries.filter(({ existing }) => !existing);
      if (fresh.length > 0) {
        await this.#add(fresh, trace, submission);
        // Another request with this key may have been faster. Then Redis has its tasks, not ours.
        if (submission !== undefined)
          entries = await Promise.all(entries.map((entry) => this.#verify(entry, submission)));
      }
      return entries.map(submissionOf);
    }, SUBMISSION);
  }

  async #entry(request: TaskRequest, index: number, idempotencyKey: string | undefined): Promise<Entry> {
    if (idempotencyKey === undefined) return { id: randomUUID(), request, existing: undefined };
    const id = taskId(idempotencyKey, index);
    const existing = await this.#options.lookup.find(id);
    if (existing && !isOfRequest(existing.job, request)) throw idempotencyKeyReused();
    return { id, request, existing };
  }

  /** Queues tasks. Removes them again when that fails, unless they have a key and so a `submission`. */
  async #add(entries: readonly Entry[], trace: TraceContext, submission: string | undefined): Promise<void> {
    const { queue, tracing } = this.#options;
    const jobs = entries.map(({ id, request }) =>
      this.#job(id, request, dataOfRequest(request, trace, submission)),
    );
    const add = () => queue.addBulk(jobs);
    try {
      await (tracing === undefined ? add() : tracing.continueTrace(trace.traceparent, add));
    } catch (error) {
      if (submission === undefined) await Promise.allSettled(entries.map(({ id }) => queue.remove(id)));
      throw error;
    }
  }

  /** Returns an entry that was just queued, with the task of another submission if that was faster. */
  async #verify(entry: Entry, submission: string): Promise<Entry> {
    const stored = entry.existing ? undefined : await this.#options.lookup.find(entry.id);
    if (stored === undefined) return entry;
    if (!isOfRequest(stored.job, entry.request)) throw idempotencyKeyReused();
    return dataOf(stored.job).submission === submission ? entry : { ...entry, existing: stored };
  }

  #job(jobId: string, request: TaskRequest, data: TaskData) {
    const { event_type, priority = 0, delay_ms = 0, max_attempts } = request;
    const { clock, maxAttempts, retryDelayMs } = this.#options;
    const opts: BulkJobOptions = {
      jobId,
      timestamp: Math.round(clock.now()),
      priority,
      delay: delay_ms,
      attempts: max_attempts ?? maxAttempts,
      backoff: { type: BACKOFF_TYPE, delay: retryDelayMs },
      stackTraceLimit: 5,
    };
    return { name: event_type, data, opts };
  }
}

function submissionOf({ id, request, existing }: Entry): Submission {
  return {
    id,
    event_type: request.event_type,
    status: existing ? existing.status : request.delay_ms ? 'delayed' : 'queued',
    isDuplicate: existing !== undefined,
  };
}
