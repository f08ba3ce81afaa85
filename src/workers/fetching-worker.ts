import {
  type Job,
  LockManager,
  type LockManagerWorkerContext,
  type Span,
  WaitingError,
  Worker,
  type WorkerOptions,
} from 'bullmq';
import type { Redis } from 'ioredis';
import type { TaskData } from '../shared/queue.ts';

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

/** A lock that was not renewed for so long may have run out before the next renewal. */
const LOCK_DOUBT_MS = RECOVERY.lockDuration - 1_500;

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

/** Whether Redis answered, but would not: it is out of memory, a replica, cannot persist, or loads its data. */
export function isRefusal(error: Error): boolean {
  return error.name === 'ReplyError';
}

class TaskLocks extends LockManager {
  renewAll(): Promise<void> {
    return this.trackedJobs.size === 0 ? Promise.resolve() : this.extendLocks([...this.trackedJobs.keys()]);
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
  #renewedAt = 0;

  constructor(
    queue: string,
    processor: (job: TaskJob, token: string | undefined) => Promise<unknown>,
    options: FetchingWorkerOptions,
  ) {
    super(queue, processor, { ...options, ...RECOVERY });
    this.#connection = options.connection;
  }

  /** Whether a task that began then (performance.now) may have lost its lock: it was long not renewed. */
  isLockInDoubt(startedAt: number): boolean {
    return performance.now() - Math.max(startedAt, this.#renewedAt) > LOCK_DOUBT_MS;
  }

  /** Renews the locks of all tasks that run; those that are lost come as `lockRenewalFailed`. Never rejects. */
  renewLocks(): Promise<void> {
    return (this.lockManager as TaskLocks).renewAll(); // made below
  }

  override async extendJobLocks(ids: string[], tokens: string[], durationMs: number): Promise<string[]> {
    const sentAt = performance.now();
    const keys = [
      this.keys.stalled ?? '',
      this.keys.active ?? '',
      ...ids.map((id) => `${this.toKey(id)}:lock`),
    ];
    const owners = ids.flatMap((id, i) => [id, tokens[i] ?? '']);
    const answer = await this.#connection.eval(RENEW_LOCKS, keys.length, ...keys, durationMs, ...owners);
    this.#renewedAt = sentAt;
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
      await this.renewLocks();
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
      if (isRefusal(error as Error)) await this.delay(REFUSED_RETRY_MS);
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

  /** A result that Redis refuses is offered again until Redis takes it: the attempt has not failed. */
  protected override async handleCompleted(
    result: unknown,
    job: TaskJob,
    token: string,
    fetchNext?: () => boolean,
    span?: Span,
  ): Promise<TaskJob> {
    for (;;) {
      try {
        return await super.handleCompleted(result, job, token, fetchNext, span);
      } catch (error) {
        if (!isRefusal(error as Error)) throw error;
        this.emit('error', error as Error);
        if (this.closing) throw new WaitingError(); // the stall check will find it
        await this.delay(REFUSED_RETRY_MS);
        await this.extendJobLocks([job.id ?? ''], [token], RECOVERY.lockDuration).catch(() => undefined);
      }
    }
  }
}
