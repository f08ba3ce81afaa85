import { randomBytes, randomUUID } from 'node:crypto';
import type { BulkJobOptions, Job, JobState, JobType } from 'bullmq';
import type { Redis } from 'ioredis';
import { conflict, idempotencyKeyReused, notFound } from '../../shared/errors.ts';
import type {
  ListedTask,
  TaskDetail,
  TaskList,
  TaskRequest,
  TaskStatus,
  TaskSummary,
} from '../../shared/http-contract/tasks.ts';
import { BACKOFF_TYPE, dataOf, type TaskData, type TaskQueue } from '../../shared/queue/queue.ts';
import type { Tracing } from '../../shared/service/tracing.ts';
import { type Cursor, formatCursor } from './cursor.ts';
import { withinLimit } from './redis-limit.ts';
import { readListed, taskDetail } from './task-detail.ts';
import { dataOfRequest, isOfRequest, type TraceContext, taskId } from './task-request.ts';

type TaskJob = Job<TaskData, unknown, string>;

/** BullMQ's lists behind each status, in the order in which a listing walks them. */
const JOB_TYPES: Record<TaskStatus, readonly JobType[]> = {
  active: ['active'],
  queued: ['prioritized', 'wait'],
  delayed: ['delayed'],
  dead: ['failed'],
  completed: ['completed'],
};

const STATUS_OF: Record<JobState | 'unknown', TaskStatus> = {
  active: 'active',
  waiting: 'queued',
  prioritized: 'queued',
  'waiting-children': 'queued',
  unknown: 'queued', // seen while a task moves between two lists
  delayed: 'delayed',
  failed: 'dead',
  completed: 'completed',
};

const MAX_READS = 5;
const SCAN_PAGE = 100;
const MAX_SCANNED = 2_000;

/**
 * Makes a dead task like a new one that is due now: what earlier runs did to their processes does not count any more.
 * KEYS: BullMQ's dead tasks, the task. Its data are those that were read, so nothing is written once it is not dead.
 */
const RENEW = `
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end
redis.call('HDEL', KEYS[2], 'stc')
redis.call('HSET', KEYS[2], 'data', ARGV[2], 'due', ARGV[3])
return 1
`;

export interface TaskStoreOptions {
  readonly maxAttempts: number;
  readonly retryDelayMs: number;
  /** Set where spans are made. */
  readonly tracing?: Tracing | undefined;
}

export interface SubmitOptions extends TraceContext {
  readonly idempotencyKey?: string | undefined;
}

/** What became of a submitted task; a duplicate was there before under the same key. */
export type Submission = TaskSummary & { readonly isDuplicate: boolean };

/** A request with its id, and with the task that was submitted under the same key before, if any. */
interface Entry {
  readonly id: string;
  readonly request: TaskRequest;
  readonly existing: { job: TaskJob; status: TaskStatus } | undefined;
}

export interface ListOptions {
  readonly status?: TaskStatus | undefined;
  readonly eventType?: string | undefined;
  readonly limit: number;
  readonly cursor: Cursor;
}

/**
 * Tasks as HTTP clients know them, on the queue. Every method throws ASDLC_REDIS_UNAVAILABLE within 2 s when
 * Redis does not answer; what it was asked may have been done all the same, so submit again with the same key.
 */
export class TaskStore {
  readonly #queue: TaskQueue;
  readonly #redis: Redis;
  readonly #clock: { now(): number };
  readonly #options: TaskStoreOptions;

  /** `redis` is the queue's connection. */
  constructor(queue: TaskQueue, redis: Redis, clock: { now(): number }, options: TaskStoreOptions) {
    this.#queue = queue;
    this.#redis = redis;
    this.#clock = clock;
    this.#options = options;
  }

  /** As submitBatch, for one task. */
  async submit(request: TaskRequest, options: SubmitOptions = {}): Promise<Submission> {
    const [task] = await this.submitBatch([request], options);
    if (task === undefined) throw new Error('expected an answer for the task');
    return task;
  }

  /**
   * Puts tasks on the queue and answers them in order. Where that fails for one, those that are there already are taken
   * back, as far as Redis answers and no worker has begun with them. With a key they stay, so that sending it again makes
   * up for the rest: a task that was submitted under it before is answered as it is now; another event type or payload
   * under that key is ASDLC_IDEMPOTENCY_KEY_REUSED.
   */
  submitBatch(requests: readonly TaskRequest[], { idempotencyKey, ...trace }: SubmitOptions = {}) {
    return withinLimit(async (): Promise<Submission[]> => {
      const submission = idempotencyKey === undefined ? undefined : randomBytes(6).toString('base64url');
      let entries = await Promise.all(requests.map((request, i) => this.#entry(request, i, idempotencyKey)));
      const fresh = entries.filter(({ existing }) => !existing);
      const jobs = fresh.map(({ id, request }) =>
        this.#job(id, request, dataOfRequest(request, trace, submission)),
      );
      if (jobs.length > 0) {
        await this.#add(jobs, trace.traceparent).catch(async (error: unknown) => {
          if (submission === undefined)
            await Promise.allSettled(fresh.map(({ id }) => this.#queue.remove(id)));
          throw error;
        });
        // Another request may have been first with this key meanwhile: what is stored then is its task.
        if (submission !== undefined)
          entries = await Promise.all(entries.map((entry) => this.#verify(entry, submission)));
      }
      return entries.map(({ id, request, existing }) => ({
        id,
        event_type: request.event_type,
        status: existing ? existing.status : request.delay_ms ? 'delayed' : 'queued',
        isDuplicate: existing !== undefined,
      }));
    });
  }

  #add(jobs: Parameters<TaskQueue['addBulk']>[0], traceparent: string | undefined): Promise<unknown> {
    const add = () => this.#queue.addBulk(jobs);
    const { tracing } = this.#options;
    return tracing === undefined ? add() : tracing.continueTrace(traceparent, add);
  }

  get(id: string): Promise<TaskDetail> {
    return withinLimit(async () => {
      const { job, status } = await this.#require(id);
      return taskDetail(job, status);
    });
  }

  /**
   * A page of tasks, newest first within each status. A task that changes its status between two pages may be
   * seen twice or not at all.
   */
  list({ status, eventType, limit, cursor }: ListOptions): Promise<TaskList> {
    const lists = (status ? [status] : (Object.keys(JOB_TYPES) as TaskStatus[])).flatMap((name) =>
      JOB_TYPES[name].map((type) => ({ status: name, type })),
    );
    return withinLimit(async () => {
      const tasks: ListedTask[] = [];
      let { list, offset } = cursor;
      for (let scanned = 0; list < lists.length && scanned < MAX_SCANNED; ) {
        const { type, status: listStatus } = lists[list] as (typeof lists)[number]; // list < lists.length
        const page = eventType === undefined ? Math.min(limit - tasks.length, SCAN_PAGE) : SCAN_PAGE;
        const ids = await this.#queue.getRanges([type], offset, offset + page - 1, false);
        const found = await readListed(this.#redis, ids, (id) => this.#queue.toKey(id), listStatus);
        for (const [i, task] of found.entries()) {
          if (!task || (eventType !== undefined && task.event_type !== eventType)) continue;
          tasks.push(task);
          if (tasks.length === limit)
            return { tasks, next_cursor: formatCursor({ list, offset: offset + i + 1 }) };
        }
        scanned += ids.length;
        if (ids.length === page) offset += page;
        else {
          list++;
          offset = 0;
        }
      }
      return { tasks, next_cursor: list < lists.length ? formatCursor({ list, offset }) : null };
    });
  }

  /** Removes a task and all that is kept of it; ASDLC_CONFLICT while it runs. */
  remove(id: string): Promise<void> {
    return withinLimit(async () => {
      const { job, status } = await this.#require(id);
      if (status === 'active') throw conflict(`Task ${id} is active; expected one that does not run.`);
      await job.remove().catch(async (error: unknown) => {
        if (await job.isActive()) throw conflict(`Task ${id} became active; it was not removed.`);
        throw error;
      });
    });
  }

  /** Queues a dead task again with all its attempts; ASDLC_CONFLICT for any other. */
  retry(id: string): Promise<TaskSummary> {
    return withinLimit(async () => {
      const { job, status } = await this.#require(id);
      if (status !== 'dead') throw conflict(`Task ${id} is ${status}; expected a dead one.`);
      await this.#renew(job);
      await job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true });
      return { id, event_type: job.name, status: 'queued' as const };
    });
  }

  async #renew(job: TaskJob): Promise<void> {
    const { quarantine_starts: _, quarantine_process: __, ...data } = job.data ?? {};
    const id = job.id ?? '';
    const due = Math.round(this.#clock.now());
    const keys = [this.#queue.toKey('failed'), this.#queue.toKey(id)];
    await this.#redis.eval(RENEW, keys.length, ...keys, id, JSON.stringify({ ...data, due }), due);
  }

  isPaused(): Promise<boolean> {
    return withinLimit(() => this.#queue.isPaused());
  }

  /** Over all workers; what runs goes on. */
  setPaused(paused: boolean): Promise<void> {
    return withinLimit(() => (paused ? this.#queue.pause() : this.#queue.resume()));
  }

  async #entry(request: TaskRequest, index: number, idempotencyKey: string | undefined): Promise<Entry> {
    if (idempotencyKey === undefined) return { id: randomUUID(), request, existing: undefined };
    const id = taskId(idempotencyKey, index);
    const existing = await this.#find(id);
    if (existing && !isOfRequest(existing.job, request)) throw idempotencyKeyReused();
    return { id, request, existing };
  }

  /** An entry that was just added, with the task that is there instead where another submission was first. */
  async #verify(entry: Entry, submission: string): Promise<Entry> {
    const stored = entry.existing ? undefined : await this.#find(entry.id);
    if (stored === undefined) return entry;
    if (!isOfRequest(stored.job, entry.request)) throw idempotencyKeyReused();
    return dataOf(stored.job).submission === submission ? entry : { ...entry, existing: stored };
  }

  #job(jobId: string, request: TaskRequest, data: TaskData) {
    const { event_type, priority = 0, delay_ms = 0, max_attempts } = request;
    const opts: BulkJobOptions = {
      jobId,
      timestamp: Math.round(this.#clock.now()),
      priority,
      delay: delay_ms,
      attempts: max_attempts ?? this.#options.maxAttempts,
      backoff: { type: BACKOFF_TYPE, delay: this.#options.retryDelayMs },
      stackTraceLimit: 5,
    };
    return { name: event_type, data, opts };
  }

  /** A task and its status, read until the two agree: a task that ends between the reads is read again. */
  async #find(id: string): Promise<{ job: TaskJob; status: TaskStatus } | undefined> {
    if (this.#isOwnKey(id)) return undefined;
    for (let read = 1; ; read++) {
      const status = STATUS_OF[await this.#queue.getJobState(id)];
      const job: TaskJob | undefined = await this.#queue.getJob(id);
      if (!job) return undefined;
      const ended = status === 'completed' || status === 'dead';
      if (ended === Boolean(job.finishedOn) || read === MAX_READS) return { job, status };
    }
  }

  /** BullMQ's keys lie beside the tasks' own. */
  #isOwnKey(id: string): boolean {
    return id.includes(':') || Object.hasOwn(this.#queue.keys, id);
  }

  async #require(id: string): Promise<{ job: TaskJob; status: TaskStatus }> {
    const found = await this.#find(id);
    if (!found)
      throw notFound(`No task ${JSON.stringify(id.slice(0, 100))}; it may have been removed after its time.`);
    return found;
  }
}
