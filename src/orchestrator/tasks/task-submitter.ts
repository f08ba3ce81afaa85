import { randomUUID } from 'node:crypto';
import { SpanKind, TelemetryAttributes } from 'bullmq';
import { idempotencyKeyReused, overloaded, redisUnavailable, taskUnreadable } from '../../shared/errors.ts';
import type { SubmittedTask, TaskStatus } from '../../shared/http-contract/tasks.ts';
import { removeTasks } from '../../shared/queue/bullmq-changes.ts';
import { readTaskOutlines } from '../../shared/queue/bullmq-flow-reading.ts';
import type { KeyOf } from '../../shared/queue/bullmq-schema.ts';
import { addTasks } from '../../shared/queue/bullmq-tasks.ts';
import type { FlowTask } from '../../shared/queue/flow.ts';
import type { TaskQueue } from '../../shared/queue/queue.ts';
import { createTimeSlice, type EndOfStep } from '../../shared/service/time-slice.ts';
import type { Tracing } from '../../shared/service/tracing.ts';
import { type Entry, entryOf, entrySlices, newTasks } from './new-task.ts';
import { withinLimit } from './redis-limit.ts';
import type { OneQueue, TaskQueues } from './task-queues.ts';
import {
  allTasks,
  digestOfDebounced,
  digestOfMembers,
  flowIfSame,
  type TaskRequest,
  type TraceContext,
  taskId,
} from './task-request.ts';

/** So many tasks may be on their way to Redis at once: it takes them in well under a second. */
const MAX_UNDER_WAY = 5_000;

/** No slice of a batch is sent after this. It is shorter than `withinLimit`, so that the response says what happened. */
const SENDING_LIMIT_MS = 1_500;

/** Between two steps of a submission a task with its id may be removed. Then it begins again, so many times. */
const MAX_TRIES = 3;

export interface TaskSubmitterOptions {
  /** Makes the spans of submissions. */
  readonly queue: Pick<TaskQueue, 'name' | 'trace'>;
  readonly queues: TaskQueues;
  readonly maxAttempts: number;
  readonly retryDelayMs: number;
  /** Set when OTEL_TRACING is on. */
  readonly tracing?: Tracing | undefined;
}

export interface SubmitOptions extends TraceContext {
  readonly idempotencyKey?: string | undefined;
}

/** A submitted task. A duplicate was submitted before under the same key. */
export type Submission = SubmittedTask & { readonly isDuplicate: boolean };

/** A task that was there before. */
interface Existing {
  /** Another task's that stands for it. */
  readonly id?: string;
  readonly status: TaskStatus;
  readonly queue: string;
  readonly children: readonly FlowTask[];
  readonly next: readonly FlowTask[];
}

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
    const count = allTasks(requests).length;
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
    const entries = await this.#entriesOf(requests, key);
    const existing = new Map<string, Existing>();
    // A batch that reuses a key must queue nothing. A single task needs no look-up: it is refused as it is added.
    if (key !== undefined && entries.length > 1) await this.#findExisting(entries, existing);
    let missing: readonly Entry[] = entries.filter(({ id }) => !existing.has(id));
    for (let tries = 0; missing.length > 0; tries++) {
      if (tries === MAX_TRIES) throw redisUnavailable();
      const { taken, standIns } = await this.#add(missing, options);
      await this.#findStandIns(standIns, existing);
      await this.#findExisting(taken, existing);
      missing = taken.filter(({ id }) => !existing.has(id));
    }
    return entries.map((entry) => submissionOf(entry, existing.get(entry.id)));
  }

  async #entriesOf(requests: readonly TaskRequest[], key: string | undefined): Promise<Entry[]> {
    const endOfStep: EndOfStep = createTimeSlice();
    const entries: Entry[] = [];
    for (const [i, request] of requests.entries()) {
      const id = key === undefined ? randomUUID() : taskId(key, i);
      const queue = this.#options.queues.forTask(request);
      const digest = await digestOfMembers(request, endOfStep);
      const firstPayload = key === undefined ? undefined : await digestOfDebounced(request, endOfStep);
      entries.push(entryOf({ id, queue }, request, { digest, firstPayload }));
    }
    return entries;
  }

  /** Notes the status of each task that exists. Throws when it was made of another request, or is damaged. */
  async #findExisting(entries: readonly Entry[], existing: Map<string, Existing>): Promise<void> {
    const endOfStep = createTimeSlice();
    for (const slice of entrySlices(entries)) {
      const found = await this.#options.queues.findAll(slice.map(({ id }) => id));
      for (const [i, { id, request, digest }] of slice.entries()) {
        const task = found[i];
        if (task === undefined) continue;
        if (task.job.damage !== undefined) throw taskUnreadable(id, task.job.damage);
        const flow = await flowIfSame(task.job, request, digest, endOfStep);
        if (flow === undefined) throw idempotencyKeyReused();
        const { status, queue } = task;
        existing.set(id, { status, queue, children: flow.children, next: flow.next });
      }
    }
  }

  /** A stand-in that is not kept any more had ended. */
  async #findStandIns(standIns: readonly StandIn[], existing: Map<string, Existing>): Promise<void> {
    for (const [{ name, queueRedis }, ofQueue] of Map.groupBy(standIns, ({ entry }) => entry.queue)) {
      const ids = ofQueue.map(({ id }) => id);
      const outlines = await readTaskOutlines(queueRedis.redis, queueRedis.keyOf, ids);
      for (const [i, { entry, id }] of ofQueue.entries()) {
        const status = outlines[i]?.status ?? 'completed';
        existing.set(entry.id, { id, status, queue: name, children: [], next: [] });
      }
    }
  }

  /** Queues tasks within a span. */
  async #add(entries: readonly Entry[], options: SubmitOptions): Promise<Added> {
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
  ): Promise<Added> {
    const { maxAttempts, retryDelayMs } = this.#options;
    const deadline = performance.now() + SENDING_LIMIT_MS;
    const taken: Entry[] = [];
    const standIns: StandIn[] = [];
    const sent: Entry[] = [];
    try {
      for (const [queue, slice] of slicesByQueue(entries)) {
        if (performance.now() > deadline) throw redisUnavailable();
        const options = { maxAttempts, retryDelayMs, spanContext, ...trace };
        const tasks = slice.map((entry) => newTasks(entry, options));
        sent.push(...slice);
        const others = idempotencyKey === undefined ? [] : this.#othersThan(queue);
        const { redis, keyOf } = queue.queueRedis;
        const added = await addTasks(redis, keyOf, tasks.flat(), others);
        let at = 0;
        for (const [i, entry] of slice.entries()) {
          const end = added[at];
          if (end === false) taken.push(entry);
          if (typeof end === 'string') standIns.push({ entry, id: end });
          at += tasks[i]?.length ?? 0;
        }
      }
    } catch (error) {
      if (idempotencyKey === undefined) await this.#removeAll(sent);
      throw error;
    }
    return { taken, standIns };
  }

  /** A key makes one task, in whichever queue. */
  #othersThan(queue: OneQueue): KeyOf[] {
    return this.#options.queues.all
      .filter((each) => each !== queue)
      .map(({ queueRedis }) => queueRedis.keyOf);
  }

  async #removeAll(entries: readonly Entry[]): Promise<void> {
    const removals = [...slicesByQueue(entries)].map(([{ queueRedis }, slice]) =>
      removeTasks(queueRedis.redis, queueRedis.keyOf, slice.flatMap(idsOf), { unlessStarted: true }),
    );
    await Promise.allSettled(removals);
  }
}

interface Added {
  /** Those whose id another task has. */
  readonly taken: readonly Entry[];
  readonly standIns: readonly StandIn[];
}

/** An entry that was not added, and the id of the task that stands for it. */
interface StandIn {
  readonly entry: Entry;
  readonly id: string;
}

/** Parts entries for Redis: each slice goes into one queue. */
function* slicesByQueue(entries: readonly Entry[]): Generator<readonly [OneQueue, readonly Entry[]]> {
  for (const [queue, ofQueue] of Map.groupBy(entries, (entry) => entry.queue))
    for (const slice of entrySlices(ofQueue)) yield [queue, slice];
}

/** A task that waits for others comes before them: else it would learn that they are gone. */
function idsOf({ id, children, next }: Entry): string[] {
  const steps = next.map((step) => step.id).toReversed();
  return [...steps, id, ...children.map((child) => child.id)];
}

function submissionOf(entry: Entry, existing: Existing | undefined): Submission {
  const { request, queue } = entry;
  const { id = entry.id } = existing ?? {};
  const { children, next } = existing ?? entry;
  const status =
    children.length > 0
      ? 'blocked'
      : request.delay_ms || request.deduplication?.mode === 'debounce'
        ? 'delayed'
        : 'queued';
  return {
    id,
    event_type: request.event_type,
    queue: existing?.queue ?? queue.name,
    status: existing?.status ?? status,
    ...(children.length > 0 && { children: children.map(shown) }),
    ...(next.length > 0 && { next: next.map(shown) }),
    ...(existing?.id !== undefined && { deduplicated: true }),
    isDuplicate: existing !== undefined,
  };
}

function shown({ id, eventType }: FlowTask) {
  return { id, event_type: eventType };
}
