import {
  ErrorCode,
  isNotConnectionError,
  type LockManagerWorkerContext,
  type Span,
  Worker,
  type WorkerOptions,
} from 'bullmq';
import type { Redis } from 'ioredis';
import { isEndStored, renewLocks, tellIdleWorkers } from '../../shared/queue/bullmq-schema.ts';
import { isConnectionLoss, isRefusal, REFUSAL_RETRY_MS } from '../../shared/queue/errors.ts';
import type { TaskData, TaskRecord } from '../../shared/queue/queue.ts';
import { AttemptFailure, asEnd, PutBack, TaskLost } from '../attempts/failure.ts';
import { JobLocks } from './job-locks.ts';
import { useRedisTime } from './redis-time.ts';

/**
 * With BullMQ's defaults it takes a minute until another worker has the tasks of a killed one; with these about seven
 * seconds. A task may stall any number of times: the quarantine finds out which task is to blame.
 */
const RECOVERY = {
  lockDuration: 6_000,
  stalledInterval: 2_500,
  maxStalledCount: 1_000_000,
  runRetryDelay: 500,
};

/** BullMQ declares the next job as one that is always there, though it returns none from an empty queue. */
const NO_JOB = undefined as unknown as TaskRecord;

/** What the worker does with each job. */
export interface Processor {
  /** Set while the worker must start no further job; resolves when it may again. */
  readonly untilFree: Promise<void> | undefined;
  /** Runs the job; what it returns or throws is stored as the job's end. */
  process(job: TaskRecord, token: string | undefined): Promise<unknown>;
  /** Called last: the end of the job is stored, or this worker cannot store it. */
  release(job: TaskRecord): void;
}

type ResilientWorkerOptions = Omit<WorkerOptions, keyof typeof RECOVERY | 'connection'> & {
  connection: Redis;
  /** Redis's time. */
  clock: { now(): number };
};

/**
 * BullMQ's worker, which also survives a Redis that refuses commands and a process that was blocked. It notes when the
 * queue last replied to it.
 */
export class ResilientWorker extends Worker<TaskData, unknown, string> {
  /** createLockManager makes it. */
  declare protected lockManager: JobLocks;
  lastFetchMs = 0;
  readonly #connection: Redis;
  readonly #processor: Processor;
  readonly #clock: { now(): number };

  constructor(queue: string, processor: Processor, { clock, ...options }: ResilientWorkerOptions) {
    super(queue, (job, token) => processor.process(job, token), { ...options, ...RECOVERY });
    useRedisTime(this.backend, clock); // in time: BullMQ sends nothing before the next turn of the event loop
    this.#connection = options.connection;
    this.#processor = processor;
    this.#clock = clock;
  }

  override async processJob(...args: Parameters<Worker['processJob']>): ReturnType<Worker['processJob']> {
    try {
      return await super.processJob(...args);
    } finally {
      this.#processor.release(args[0]);
    }
  }

  override async extendJobLocks(ids: string[], tokens: string[], durationMs: number): Promise<string[]> {
    const lost = await renewLocks(this.#connection, (name) => this.toKey(name), ids, tokens, durationMs);
    for (const id of lost) this.lockManager.untrackJob(id); // so that BullMQ reports a lost lock only once
    return lost;
  }

  /**
   * Renews all locks before each stall check. After a block this process's own check would otherwise find its jobs
   * without locks, and start them a second time. Tells idle workers of a job that goes back to the queue.
   */
  protected override createBackend(): void {
    super.createBackend();
    const { backend } = this;
    const takeStalled = backend.moveStalledJobsToWait.bind(backend);
    backend.moveStalledJobsToWait = async () => {
      await this.lockManager.renewAll();
      return takeStalled();
    };
    const putBack = backend.moveJobFromActiveToWait.bind(backend);
    backend.moveJobFromActiveToWait = async (...job) => {
      const result = await putBack(...job);
      await tellIdleWorkers(this.#connection, (name) => this.toKey(name));
      return result;
    };
  }

  protected override createLockManager(): void {
    const { lockDuration } = RECOVERY;
    const context = this as unknown as LockManagerWorkerContext; // BullMQ declares `trace` with two types
    this.lockManager = new JobLocks(context, {
      lockRenewTime: lockDuration / 2,
      lockDuration,
      workerId: this.id,
    });
  }

  /** BullMQ pauses only after connection errors. It would send thousands of commands a second to a Redis that refuses. */
  protected override async moveToActive(token: string, name?: string): Promise<TaskRecord> {
    while (this.#processor.untilFree) await this.#processor.untilFree;
    if (this.closing) return NO_JOB;
    try {
      return await super.moveToActive(token, name);
    } catch (error) {
      if (isNotConnectionError(error as Error)) await this.delay(REFUSAL_RETRY_MS);
      throw error;
    }
  }

  /**
   * Every fetch ends here. That includes the fetches that BullMQ makes as it stores the end of a job; a busy worker makes
   * no others.
   */
  protected override nextJobFromJobData(
    ...fetched: Parameters<Worker['nextJobFromJobData']>
  ): Promise<TaskRecord> {
    this.lastFetchMs = Date.now();
    return super.nextJobFromJobData(...fetched);
  }

  protected override handleCompleted(
    result: unknown,
    job: TaskRecord,
    token: string,
    fetchNext?: () => boolean,
    span?: Span,
  ): Promise<TaskRecord> {
    const store = () => super.handleCompleted(result, job, token, this.#unlessTaken(fetchNext), span);
    return this.#store(job, token, store, () => {
      job.finishedOn = this.#clock.now();
      this.emit('completed', job, result, 'active');
    });
  }

  protected override handleFailed(
    error: Error,
    job: TaskRecord,
    token: string,
    fetchNext?: () => boolean,
    span?: Span,
  ): Promise<TaskRecord> {
    const end = asEnd(error);
    const store = () => super.handleFailed(end, job, token, this.#unlessTaken(fetchNext), span);
    if (!(end instanceof AttemptFailure)) return store();
    const isDead = end.isPermanent || job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
    return this.#store(job, token, store, () => {
      if (isDead) job.finishedOn = this.#clock.now();
      this.emit('failed', job, end, 'active');
    });
  }

  #unlessTaken(fetchNext: () => boolean = () => true): () => boolean {
    return () => fetchNext() && this.#processor.untilFree === undefined;
  }

  /**
   * Stores the end of a job. While Redis refuses, it tries again and keeps the lock. Otherwise the job would run again
   * though it has ended, or Redis's failure would use up one of its attempts. `announce` says that the end is stored, where
   * BullMQ does not know it: the connection was lost before the reply.
   */
  async #store(
    job: TaskRecord,
    token: string,
    store: () => Promise<TaskRecord>,
    announce: () => void,
  ): Promise<TaskRecord> {
    const id = job.id ?? '';
    const endWithoutLock = async () => {
      const isStored = () => isEndStored(this.#connection, (name) => this.toKey(name), job);
      if (!(await isStored().catch(() => false))) throw new TaskLost();
      job.attemptsMade++;
      announce();
      return NO_JOB;
    };
    for (;;) {
      this.lockManager.trackAgain(id, token); // BullMQ stopped renewing the lock
      try {
        return await store();
      } catch (error) {
        const { code } = error as { code?: number }; // BullMQ's own errors have one
        if (isRefusal(error as Error) || isConnectionLoss(error as Error)) {
          this.emit('error', error as Error);
          if (this.closing) throw new PutBack(); // the stall check of another worker will find the job
          await this.delay(REFUSAL_RETRY_MS);
        } else if (code === ErrorCode.JobLockMismatch) return endWithoutLock();
        else if (code !== ErrorCode.JobLockNotExist) throw error;
        const renewal = this.extendJobLocks([id], [token], RECOVERY.lockDuration);
        const [lost] = await renewal.catch(() => []); // if Redis refuses this, it refuses the next try too
        if (lost !== undefined) return endWithoutLock();
      }
    }
  }
}
