import { randomUUID } from 'node:crypto';
import { SpanKind, TelemetryAttributes } from 'bullmq';
import { idempotencyKeyReused, overloaded, redisUnavailable, taskUnreadable } from '../../shared/errors.ts';
import type { TaskStatus, TaskSummary } from '../../shared/http-contract/tasks.ts';
import type { QueueRedis } from '../../shared/queue/bullmq-schema.ts';
import { addTasks, removeTask } from '../../shared/queue/bullmq-tasks.ts';
import type { TaskQueue } from '../../shared/queue/queue.ts';
import { createTimeSlice } from '../../shared/service/time-slice.ts';
import type { Tracing } from '../../shared/service/tracing.ts';
import { type Entry, entrySlices, newTask } from './new-task.ts';
import { withinLimit } from './redis-limit.ts';
import type { TaskLookup } from './task-lookup.ts';
import { isOfRequest, type TaskRequest, type TraceContext, taskId } from './task-request.ts';

/** So many tasks may be on their way to Redis at once: it takes them in well under a second. */
const MAX_UNDER_WAY = 5_000;

/** No slice of a batch is sent after this. It is shorter than `withinLimit`, so that the response says what happened. */
const SENDING_LIMIT_MS = 1_500;

/** Between two steps of a submission a task with its id may be removed. Then it begins again, so many times. */
const MAX_TRIES = 3;

export interface TaskSubmitterOptions {
  readonly queue: Pick<TaskQueue, 'name' | 'trace'>;
  readonly queueRedis: QueueRedis;
  readonly lookup: TaskLookup;
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

/** Tells a client whose submission ended in doubt to send it again. */
const SUBMISSION = { isSubmission: true };

/**
 * Puts tasks on the queue. It throws ASDLC_REDIS_UNAVAILABLE within 2 s when Redis does not answer. The tasks may be
 * queued all the same: submit them again under the same key. It throws ASDLC_OVERLOADED at once, and queues nothing,
 * while thousands of other tasks are under way.
 */
export class TaskSubmitter {
  readonly #options: TaskSubmitterOptions;
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
    const count = requests.length;
    if (this.#underWay + count > MAX_UNDER_WAY)
      throw overloaded('as many submissions under way as it can finish in time');
    this.#underWay += count;
    return withinLimit(async () => {
      try {
        return await this.#submit(requests, options);
      } finally {
        this.#underWay -= count; // the work may go on after its limit
      }
    }, SUBMISSION);
  }

  async #submit(requests: readonly TaskRequest[], options: SubmitOptions): Promise<Submission[]> {
    const { idempotencyKey: key } = options;
    const entries = requests.map((request, i) => ({
      request,
      id: key === undefined ? randomUUID() : taskId(key, i),
    }));
    const existing = new Map<string, TaskStatus>();
    // A batch that reuses a key must queue nothing. A single task needs no look-up: it is refused as it is added.
    if (key !== undefined && entries.length > 1) await this.#findExisting(entries, existing);
    let missing: readonly Entry[] = entries.filter(({ id }) => !existing.has(id));
    for (let tries = 0; missing.length > 0; tries++) {
      if (tries === MAX_TRIES) throw redisUnavailable();
      const taken = await this.#add(missing, options);
      await this.#findExisting(taken, existing);
      missing = taken.filter(({ id }) => !existing.has(id));
    }
    return entries.map((entry) => submissionOf(entry, existing.get(entry.id)));
  }

  /** Notes the status of each task that exists. Throws when it was made of another request, or is damaged. */
  async #findExisting(entries: readonly Entry[], existing: Map<string, TaskStatus>): Promise<void> {
    const endOfStep = createTimeSlice();
    for (const slice of entrySlices(entries)) {
      const found = await this.#options.lookup.findAll(slice.map(({ id }) => id));
      for (const [i, { id, request }] of slice.entries()) {
        const task = found[i];
        if (task === undefined) continue;
        if (task.job.damage !== undefined) throw taskUnreadable(id, task.job.damage);
        if (!(await isOfRequest(task.job, request, endOfStep))) throw idempotencyKeyReused();
        existing.set(id, task.status);
      }
    }
  }

  /** Queues tasks within a span. Returns those whose id another task has. */
  async #add(entries: readonly Entry[], options: SubmitOptions): Promise<Entry[]> {
    const { queue, tracing } = this.#options;
    const add = () =>
      queue.trace(SpanKind.PRODUCER, 'addBulk', queue.name, async (span, spanContext) => {
        span?.setAttributes({
          [TelemetryAttributes.BulkNames]: entries.map(({ request }) => request.event_type),
          [TelemetryAttributes.BulkCount]: entries.length,
        });
        return this.#addInSlices(entries, options, spanContext);
      });
    return tracing === undefined ? add() : tracing.continueTrace(options.traceparent, add);
  }

  /** Removes the tasks again when one fails, unless they have a key. */
  async #addInSlices(
    entries: readonly Entry[],
    { idempotencyKey, ...trace }: SubmitOptions,
    spanContext: string | undefined,
  ): Promise<Entry[]> {
    const { maxAttempts, retryDelayMs, queueRedis } = this.#options;
    const deadline = performance.now() + SENDING_LIMIT_MS;
    const isNew: boolean[] = [];
    let sent = 0;
    try {
      for (const slice of entrySlices(entries)) {
        if (performance.now() > deadline) throw redisUnavailable();
        const tasks = slice.map((entry) =>
          newTask(entry, { maxAttempts, retryDelayMs, spanContext, ...trace }),
        );
        sent += slice.length;
        isNew.push(...(await addTasks(queueRedis.redis, queueRedis.keyOf, tasks)));
      }
    } catch (error) {
      if (idempotencyKey === undefined) await this.#removeAll(entries.slice(0, sent));
      throw error;
    }
    return entries.filter((_, i) => isNew[i] === false);
  }

  async #removeAll(entries: readonly Entry[]): Promise<void> {
    const { redis, keyOf } = this.#options.queueRedis;
    const removals = entries.map(({ id }) => removeTask(redis, keyOf, id, { unlessStarted: true }));
    await Promise.allSettled(removals);
  }
}

function submissionOf({ id, request }: Entry, existing: TaskStatus | undefined): Submission {
  return {
    id,
    event_type: request.event_type,
    status: existing ?? (request.delay_ms ? 'delayed' : 'queued'),
    isDuplicate: existing !== undefined,
  };
}
