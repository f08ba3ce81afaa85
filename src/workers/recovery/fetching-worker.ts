import {
  DelayedError,
  ErrorCode,
  isNotConnectionError,
  type Job,
  LockManager,
  type LockManagerWorkerContext,
  type Span,
  WaitingError,
  Worker,
  type WorkerOptions,
} from 'bullmq';
import type { Redis } from 'ioredis';
import type { TaskData } from '../../shared/queue/queue.ts';
import { TaskLost } from '../attempts/failure.ts';

export type TaskJob = Job<TaskData, unknown, string>;

/**
 * BullMQ's defaults take a minute to give a killed worker's tasks to another; these take about seven seconds.
 * A task may stall any number of times, since the quarantine decides which one is to blame.
 */
const RECOVERY = {
  lockDuration: 6_000,
  stalledInterval: 2_500,
  maxStalledCount: 1_000_000,
  runRetryDelay: 500,
};

/** How long the worker waits before it asks again for what Redis refused. */
export const REFUSED_RETRY_MS = 1_000;

/** A lock this young need not be renewed: with those of tasks that end meanwhile it would be asked for in vain. */
const FRESH_LOCK_MS = 1_000;

/**
 * Renews the locks of tasks, and takes those back that ran out while the task was still to be had by nobody: Redis was
 * away, or this process was blocked. It answers the ids of tasks that another run has, or that are gone. Unlike BullMQ's
 * it also works while Redis is out of memory: PEXPIRE is allowed then, and after the first write so is SET.
 */
const RENEW_LOCKS = `
local lost = {}
for i = 3, #KEYS do
  local id, token = ARGV[2 * i - 4], ARGV[2 * i - 3]
  local holder = redis.call('GET', KEYS[i])
  if holder == token then
    redis.call('SREM', KEYS[1], id)
    redis.call('PEXPIRE', KEYS[i], ARGV[1])
  elseif not holder and redis.call('LPOS', KEYS[2], id) then
    redis.call('SREM', KEYS[1], id)
    redis.call('SET', KEYS[i], token, 'PX', ARGV[1])
  else
    lost[#lost + 1] = id
  end
end
return lost
`;

/** A script's error does not always begin with the code. */
const REFUSAL = /\b(OOM|READONLY|MISCONF|NOREPLICAS|LOADING|BUSY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN)\b/;

/** Whether Redis answered, but would not for now: out of memory, a replica, unable to persist, loading its data … */
export function isRefusal(error: Error): boolean {
  return error.name === 'ReplyError' && REFUSAL.test(error.message);
}

class TaskLocks extends LockManager {
  /** Never rejects: BullMQ tells of lost locks and of errors by events. */
  async renewAll(): Promise<void> {
    const before = Date.now() - FRESH_LOCK_MS;
    const ids = [...this.trackedJobs].filter(([, { ts }]) => ts < before).map(([id]) => id);
    if (ids.length > 0) await this.extendLocks(ids);
  }
}

type FetchingWorkerOptions = Omit<WorkerOptions, keyof typeof RECOVERY | 'connection'> & {
  connection: Redis;
};

/**
 * BullMQ's worker, made to bear a Redis that refuses and a process that was blocked. It also tells when the queue last
 * answered it.
 */
export class FetchingWorker extends Worker<TaskData, unknown, string> {
  lastFetchMs = 0;
  readonly #connection: Redis;

  constructor(
    queue: string,
    processor: (job: TaskJob, token: string | undefined) => Promise<unknown>,
    options: FetchingWorkerOptions,
  ) {
    super(queue, processor, { ...options, ...RECOVERY });
    this.#connection = options.connection;
  }

  override async extendJobLocks(ids: string[], tokens: string[], durationMs: number): Promise<string[]> {
    const keys = [
      this.keys.stalled ?? '',
      this.keys.active ?? '',
      ...ids.map((id) => `${this.toKey(id)}:lock`),
    ];
    const owners = ids.flatMap((id, i) => [id, tokens[i] ?? '']);
    const answer = await this.#connection.eval(RENEW_LOCKS, keys.length, ...keys, durationMs, ...owners);
    const lost = answer as string[]; // as the script answers
    for (const id of lost) this.lockManager.untrackJob(id); // what is lost is told once
    return lost;
  }

  /** After a block, this process's own check would else find its tasks without locks and start them a second time. */
  protected override createBackend(): void {
    super.createBackend();
    const { backend } = this;
    const takeStalled = backend.moveStalledJobsToWait.bind(backend);
    backend.moveStalledJobsToWait = async () => {
      await (this.lockManager as TaskLocks).renewAll(); // made below
      return takeStalled();
    };
  }

  protected override createLockManager(): void {
    const { lockDuration } = RECOVERY;
    const context = this as unknown as LockManagerWorkerContext; // BullMQ types its own trace in two ways
    this.lockManager = new TaskLocks(context, {
      lockRenewTime: lockDuration / 2,
      lockDuration,
      workerId: this.id,
    });
  }

  /** BullMQ waits only for lost connections, and would ask a Redis that refuses thousands of times a second. */
  protected override async moveToActive(token: string, name?: string): Promise<TaskJob> {
    try {
      return await super.moveToActive(token, name);
    } catch (error) {
      if (isNotConnectionError(error as Error)) await this.delay(REFUSED_RETRY_MS);
      throw error;
    }
  }

  /** All fetches come by here: also those that BullMQ makes as it stores a task's end, the only ones while it is busy. */
  protected override nextJobFromJobData(
    ...fetched: Parameters<Worker['nextJobFromJobData']>
  ): Promise<TaskJob> {
    this.lastFetchMs = Date.now();
    return super.nextJobFromJobData(...fetched);
  }

  protected override handleCompleted(
    result: unknown,
    job: TaskJob,
    token: string,
    fetchNext?: () => boolean,
    span?: Span,
  ): Promise<TaskJob> {
    return this.#store(job, token, () => super.handleCompleted(result, job, token, fetchNext, span));
  }

  protected override handleFailed(
    error: Error,
    job: TaskJob,
    token: string,
    fetchNext?: () => boolean,
    span?: Span,
  ): Promise<TaskJob> {
    const store = () => super.handleFailed(error, job, token, fetchNext, span);
    return error instanceof DelayedError || error instanceof WaitingError
      ? store()
      : this.#store(job, token, store);
  }

  /**
   * What Redis refuses is offered again until it takes it, and the lock is kept until then: else the task would run
   * again though it has ended, or use an attempt up for what Redis did.
   */
  async #store(job: TaskJob, token: string, store: () => Promise<TaskJob>): Promise<TaskJob> {
    const id = job.id ?? '';
    for (;;) {
      this.lockManager.trackJob(id, token, job.processedOn ?? 0); // BullMQ has let go of it
      try {
        return await store();
      } catch (error) {
        const { code } = error as { code?: number }; // BullMQ's own errors have one
        if (isRefusal(error as Error)) {
          this.emit('error', error as Error);
          if (this.closing) throw new WaitingError(); // the stall check will find it
          await this.delay(REFUSED_RETRY_MS);
        } else if (code === ErrorCode.JobLockMismatch) throw new TaskLost();
        else if (code !== ErrorCode.JobLockNotExist) throw error;
        const renewal = this.extendJobLocks([id], [token], RECOVERY.lockDuration);
        const [lost] = await renewal.catch(() => []); // refused: so will be what follows
        if (lost !== undefined) throw new TaskLost();
      }
    }
  }
}
