import {
  ErrorCode,
  isNotConnectionError,
  type LockManagerWorkerContext,
  type Span,
  Worker,
  type WorkerOptions,
} from 'bullmq';
import type { Redis } from 'ioredis';
import { forgetCancel } from '../../shared/queue/bullmq-changes.ts';
import { damageOfData } from '../../shared/queue/bullmq-damage.ts';
import { CANCELLED, CHILD_DEAD } from '../../shared/queue/bullmq-fields.ts';
import { guardScripts, type RemovedEntry, UNREADABLE } from '../../shared/queue/bullmq-guard.ts';
import { forgetVanished, mendQueueKeys, restoreActive } from '../../shared/queue/bullmq-repair.ts';
import { isEndStored, renewLocks, tellIdleWorkers } from '../../shared/queue/bullmq-schema.ts';
import { isConnectionLoss, isRefusal, REFUSAL_RETRY_MS } from '../../shared/queue/errors.ts';
import type { TaskData, TaskRecord } from '../../shared/queue/queue.ts';
import {
  AttemptFailure,
  asEnd,
  type FailureReason,
  PutBack,
  permanentFailure,
  TaskLost,
} from '../attempts/failure.ts';
import { useFastPath } from './fast-path.ts';
import { JobLocks } from './job-locks.ts';
import { KeptAttempts } from './kept-attempts.ts';
import { createReplyReader, readSoundJobs } from './readable-jobs.ts';
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

/** Why a job ends dead that no handler gets. */
function reasonOf(deferredFailure: string): FailureReason {
  if (deferredFailure === CANCELLED) return 'cancelled';
  return deferredFailure.startsWith(CHILD_DEAD) ? 'child_dead' : 'unreadable';
}

/** What the worker does with each job. */
export interface Processor {
  /** Set while the worker must start no further job; resolves when it may again. */
  readonly untilFree: Promise<void> | undefined;
  /** Runs the job; what it returns or throws is stored as the job's end. */
  process(job: TaskRecord, token: string | undefined): Promise<unknown>;
  /** Called last: the end of the job is stored, or this worker cannot store it. */
  release(job: TaskRecord): void;
}

type ResilientWorkerOptions = Omit<
  WorkerOptions,
  keyof typeof RECOVERY | 'connection' | 'removeOnComplete'
> & {
  connection: Redis;
  removeOnComplete: { age: number; count: number };
  /** Redis's time. */
  clock: { now(): number };
  /** Called when an entry of a list named no job, or one that is elsewhere. It is removed by then. */
  onRemovedEntry: (entry: RemovedEntry) => void;
  /** Called with the ids of jobs that somebody asked to cancel; again as long as they run. */
  onCancelled: (ids: readonly string[]) => void;
  /** Called with the names of keys of the queue that had a wrong type. They are put aside by then. */
  onDamagedKeys: (names: readonly string[]) => void;
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
  readonly #attempts: KeptAttempts;

  readonly #onRemovedEntry: (entry: RemovedEntry) => void;
  readonly #onDamagedKeys: (names: readonly string[]) => void;
  readonly #onCancelled: (ids: readonly string[]) => void;

  constructor(
    queue: string,
    processor: Processor,
    { clock, onRemovedEntry, onDamagedKeys, onCancelled, ...options }: ResilientWorkerOptions,
  ) {
    guardScripts(options.connection);
    super(queue, (job, token) => processor.process(job, token), { ...options, ...RECOVERY });
    useRedisTime(this.backend, clock); // in time: BullMQ sends nothing before the next turn of the event loop
    this.#connection = options.connection;
    this.#processor = processor;
    this.#clock = clock;
    this.#attempts = new KeptAttempts(this.backend, { worker: options.name ?? '', clock });
    this.#onRemovedEntry = onRemovedEntry;
    this.#onDamagedKeys = onDamagedKeys;
    this.#onCancelled = onCancelled;
    const read = createReplyReader({
      onFetched: (id, pairs) => this.#attempts.fetched(id, pairs),
      readData: (id) => options.connection.hgetBuffer(this.toKey(id), 'data'),
    });
    readSoundJobs(this.backend, { onRemovedEntry, read });
    const { connection, name: worker = '', removeOnComplete: keep } = options;
    const { lockDuration: lockMs } = RECOVERY;
    useFastPath(this.backend, { connection, worker, lockMs, keep, clock, read });
  }

  override async processJob(
    job: TaskRecord,
    token: string,
    fetchNext?: () => boolean,
  ): ReturnType<Worker['processJob']> {
    try {
      return await super.processJob(job, token, fetchNext);
    } finally {
      this.#processor.release(job);
    }
  }

  override async extendJobLocks(ids: string[], tokens: string[], durationMs: number): Promise<string[]> {
    const keyOf = (name: string) => this.toKey(name);
    const { lost, cancelled } = await renewLocks(this.#connection, keyOf, ids, tokens, durationMs);
    for (const id of lost) this.lockManager.untrackJob(id); // so that BullMQ reports a lost lock only once
    if (cancelled.length > 0) this.#onCancelled(cancelled);
    return [...lost];
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
      const damaged = await mendQueueKeys(this.#connection, (name) => this.toKey(name));
      if (damaged.length > 0) this.#onDamagedKeys(damaged);
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
  protected override async nextJobFromJobData(
    ...fetched: Parameters<Worker['nextJobFromJobData']>
  ): Promise<TaskRecord> {
    this.lastFetchMs = Date.now();
    const job = await super.nextJobFromJobData(...fetched);
    const [json, id = '', token = ''] = fetched;
    if (job !== undefined || !json) return job;
    // BullMQ could not schedule the next run of a repeated job, and leaves this one to stall.
    return Object.assign(this.createJob(json, id), { token });
  }

  /** A job whose data cannot be read ends dead: BullMQ does that to one with a deferred failure. */
  protected override createJob(...[json, id]: Parameters<Worker['createJob']>): TaskRecord {
    let damage: string | undefined;
    try {
      const job = super.createJob(json, id);
      damage = json.deferredFailure === undefined ? damageOfData(job.data) : undefined;
      if (damage === undefined) return this.#withAttempts(job, id);
    } catch {
      damage = 'data: expected JSON; got another text';
    }
    const unreadable = { ...json, data: '{}', opts: {}, deferredFailure: UNREADABLE + damage };
    return this.#withAttempts(super.createJob(unreadable, id), id);
  }

  #withAttempts(job: TaskRecord, id: string | undefined): TaskRecord {
    this.#attempts.created(job, id ?? '');
    return job;
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
    const { deferredFailure } = job;
    const end =
      deferredFailure === undefined
        ? asEnd(error)
        : permanentFailure(reasonOf(deferredFailure), deferredFailure);
    const store = () => super.handleFailed(end, job, token, this.#unlessTaken(fetchNext), span);
    if (!(end instanceof AttemptFailure)) return store();
    const isDead = end.isPermanent || job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
    this.#attempts.failing(job, token, end);
    const stored = this.#store(job, token, store, () => {
      if (isDead) job.finishedOn = this.#clock.now();
      this.emit('failed', job, end, 'active');
    }).finally(() => this.#attempts.release(token));
    if (end.reason === 'cancelled') void this.#forgetCancel(job, stored);
    return stored;
  }

  /** So that a retry of an older orchestrator, which does not know the field, lets the task run. */
  async #forgetCancel({ id = '' }: TaskRecord, stored: Promise<unknown>): Promise<void> {
    const isStored = await stored.then(
      () => true,
      () => false,
    );
    if (isStored) await forgetCancel(this.#connection, (name) => this.toKey(name), id).catch(() => undefined);
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
        } else if (code === ErrorCode.JobNotInState && (await this.#restore(id, token))) continue;
        else if (code === ErrorCode.JobNotExist) {
          await this.#forget(id, token);
          throw new TaskLost();
        } else if (code === ErrorCode.JobLockMismatch) return endWithoutLock();
        else if (code !== ErrorCode.JobLockNotExist) throw error;
        const renewal = this.extendJobLocks([id], [token], RECOVERY.lockDuration);
        const [lost] = await renewal.catch(() => []); // if Redis refuses this, it refuses the next try too
        if (lost !== undefined && !(await this.#restore(id, token))) return endWithoutLock();
      }
    }
  }

  /**
   * The list of active jobs was damaged: the job runs here, and its end can be stored nevertheless. Returns false also
   * when Redis is away.
   */
  #restore(id: string, token: string): Promise<boolean> {
    const lock = { token, lockMs: RECOVERY.lockDuration };
    return restoreActive(this.#connection, (name) => this.toKey(name), id, lock).catch(() => false);
  }

  /** While Redis is away, the entry stays: the check for stalled jobs removes it later. */
  async #forget(id: string, token: string): Promise<void> {
    const forgetting = forgetVanished(this.#connection, (name) => this.toKey(name), id, token);
    if (await forgetting.catch(() => false)) this.#onRemovedEntry({ id, reason: 'vanished' });
  }
}
