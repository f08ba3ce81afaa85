import { createHash, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { BulkJobOptions, Job, JobState, JobType } from 'bullmq';
import { ReplyError } from 'ioredis';
import type { TaskDetail, TaskList, TaskRequest, TaskStatus, TaskSummary } from '../shared/contract.ts';
import { AsdlcError, conflict, idempotencyKeyReused, notFound, redisUnavailable } from '../shared/errors.ts';
import { BACKOFF_TYPE, type TaskData, type TaskQueue } from '../shared/queue.ts';
import type { Tracing } from '../shared/tracing.ts';
import { type Cursor, formatCursor } from './cursor.ts';

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

/** Longest wait for Redis in one call, a little under the 2 s promised to HTTP clients. */
const LIMIT_MS = 1_800;
const MAX_READS = 5;
const SCAN_PAGE = 100;
const MAX_SCANNED = 2_000;

export interface TaskStoreOptions {
  readonly maxAttempts: number;
  readonly retryDelayMs: number;
  /** Set where spans are made. */
  readonly tracing?: Tracing | undefined;
}

export interface SubmitOptions {
  readonly idempotencyKey?: string | undefined;
  /** A valid W3C traceparent, kept with the task and given to its handler. */
  readonly traceparent?: string | undefined;
}

/** What became of a submitted task; a duplicate was there before under the same key. */
export type Submission = TaskSummary & { readonly isDuplicate: boolean };

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
  readonly #clock: { now(): number };
  readonly #options: TaskStoreOptions;

  constructor(queue: TaskQueue, clock: { now(): number }, options: TaskStoreOptions) {
    this.#queue = queue;
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
   * Puts tasks on the queue, all or none, and answers them in order. With a key, a task that was submitted under
   * it before is answered as it is now; another event type or payload under that key is
   * ASDLC_IDEMPOTENCY_KEY_REUSED.
   */
  submitBatch(requests: readonly TaskRequest[], { idempotencyKey, traceparent }: SubmitOptions = {}) {
    return withinLimit(async (): Promise<Submission[]> => {
      const entries = await Promise.all(
        requests.map((request, i) => this.#entry(request, i, idempotencyKey)),
      );
      const fresh = entries.filter(({ existing }) => !existing);
      const jobs = fresh.map(({ id, request }) => this.#job(id, request, traceparent));
      if (jobs.length > 0) await this.#add(jobs, traceparent);
      // Another request may have been first with this key meanwhile: what is stored then is its task.
      if (idempotencyKey !== undefined && jobs.length > 0)
        await Promise.all(fresh.map((entry) => this.#verify(entry)));
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
      return detail(job, status);
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
      const tasks: TaskDetail[] = [];
      let { list, offset } = cursor;
      for (let scanned = 0; list < lists.length && scanned < MAX_SCANNED; ) {
        const { type, status: listStatus } = lists[list] as (typeof lists)[number]; // list < lists.length
        const page = eventType === undefined ? Math.min(limit - tasks.length, SCAN_PAGE) : SCAN_PAGE;
        const jobs = await this.#queue.getJobs([type], offset, offset + page - 1, false);
        for (const [i, job] of jobs.entries()) {
          if (!job || (eventType !== undefined && job.name !== eventType)) continue;
          tasks.push(detail(job, listStatus));
          if (tasks.length === limit)
            return { tasks, next_cursor: formatCursor({ list, offset: offset + i + 1 }) };
        }
        scanned += jobs.length;
        if (jobs.length === page) offset += page;
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
      await job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true });
      return { id, event_type: job.name, status: 'queued' as const };
    });
  }

  isPaused(): Promise<boolean> {
    return withinLimit(() => this.#queue.isPaused());
  }

  /** Over all workers; what runs goes on. */
  setPaused(paused: boolean): Promise<void> {
    return withinLimit(() => (paused ? this.#queue.pause() : this.#queue.resume()));
  }

  /** A request with its id, and with the task that was submitted under the same key before, if any. */
  async #entry(request: TaskRequest, index: number, idempotencyKey: string | undefined) {
    if (idempotencyKey === undefined) return { id: randomUUID(), request, existing: undefined };
    const id = taskId(idempotencyKey, index);
    const existing = await this.#find(id);
    if (existing && !isSame(existing.job, request)) throw idempotencyKeyReused();
    return { id, request, existing };
  }

  async #verify({ id, request }: { id: string; request: TaskRequest }): Promise<void> {
    const stored = await this.#find(id);
    if (stored && !isSame(stored.job, request)) throw idempotencyKeyReused();
  }

  #job(jobId: string, request: TaskRequest, traceparent: string | undefined) {
    const { event_type, payload, priority = 0, delay_ms = 0, max_attempts } = request;
    const opts: BulkJobOptions = {
      jobId,
      timestamp: Math.round(this.#clock.now()),
      priority,
      delay: delay_ms,
      attempts: max_attempts ?? this.#options.maxAttempts,
      backoff: { type: BACKOFF_TYPE, delay: this.#options.retryDelayMs },
      stackTraceLimit: 5,
    };
    return {
      name: event_type,
      data: { ...(payload !== undefined && { payload }), ...(traceparent && { traceparent }) },
      opts,
    };
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

/** A task's id from a client's key; a job id takes no colon and must not be a number. */
function taskId(idempotencyKey: string, index: number): string {
  return `key-${createHash('sha256').update(`${index}\n${idempotencyKey}`).digest('hex')}`;
}

function isSame(job: TaskJob, request: TaskRequest): boolean {
  return job.name === request.event_type && isDeepStrictEqual(job.data.payload, request.payload);
}

function detail(job: TaskJob, status: TaskStatus): TaskDetail {
  return {
    id: job.id ?? '',
    event_type: job.name,
    status,
    payload: job.data.payload ?? null,
    traceparent: job.data.traceparent ?? null,
    priority: job.priority,
    attempts: job.attemptsMade,
    max_attempts: job.opts.attempts ?? 1,
    created_at: isoTime(job.timestamp),
    scheduled_at: status === 'delayed' && job.attemptsMade === 0 ? isoTime(job.timestamp + job.delay) : null,
    started_at: isoTime(job.processedOn),
    finished_at: isoTime(job.finishedOn),
    result: status === 'completed' ? (job.returnvalue ?? null) : null,
    error: job.failedReason && status !== 'completed' ? { message: job.failedReason } : null,
  };
}

function isoTime(milliseconds: number | undefined | null): string | null {
  return milliseconds ? new Date(milliseconds).toISOString() : null;
}

/** Replies that mean "not now" rather than a mistake of ours. */
const UNAVAILABLE_REPLY = /^(OOM|LOADING|READONLY|MISCONF|CLUSTERDOWN|MASTERDOWN|NOREPLICAS|TRYAGAIN)\b/;
const CONNECTION_ERROR =
  /Connection is closed|Command timed out|Stream isn't writeable|max retries|ECONN|EPIPE|closed/i;

/** Redis answers within two seconds, or the error is ASDLC_REDIS_UNAVAILABLE; refusals of BullMQ as our errors. */
export async function withinLimit<T>(work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(redisUnavailable()), LIMIT_MS);
  });
  try {
    return await Promise.race([work(), late]);
  } catch (error) {
    if (error instanceof AsdlcError || !(error instanceof Error)) throw error;
    if (/Missing key for job/.test(error.message)) throw notFound('The task was removed meanwhile.');
    if (/is not in the .* state|locked by another worker/.test(error.message)) {
      throw conflict('The task changed its state meanwhile; look at it again.');
    }
    const isReply = error instanceof ReplyError;
    if (isReply ? UNAVAILABLE_REPLY.test(error.message) : CONNECTION_ERROR.test(error.message)) {
      throw redisUnavailable(error);
    }
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
