import { randomUUID } from 'node:crypto';
import type { Job } from 'bullmq';
import type { Redis } from 'ioredis';
import type { TaskData } from '../shared/queue.ts';
import { permanentFailure } from './failure.ts';

/** Starts that a task may leave unfinished here (its process died each time) before it is given up. */
const MAX_STARTS = 2;
const LOCK_MS = 6_000;

/** Both do nothing once another run has the place. */
const RELEASE =
  "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0";
const RENEW =
  "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end return 0";

/** Tells this process from one that has died. */
const PROCESS_ID = randomUUID();

/**
 * Where a task runs that was in progress when processes died before. One such task runs at a time over all
 * processes, so when a process dies again the culprit is known: only a task that dies here is counted, and
 * those that merely ran beside it are not. A lock in Redis is the single place.
 */
export class Quarantine {
  readonly #redis: Redis;
  readonly #key: string;

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#key = `${prefix}:quarantine`;
  }

  /**
   * Runs `work` alone. Answers false, without having run it, while another task has the place. Throws
   * an unrecoverable error for a task whose process died here too often.
   */
  async run(job: Job<TaskData>, work: () => Promise<void>): Promise<boolean> {
    const token = randomUUID();
    if ((await this.#redis.set(this.#key, token, 'PX', LOCK_MS, 'NX')) !== 'OK') return false;
    const renewal = setInterval(() => {
      this.#redis.eval(RENEW, 1, this.#key, token, LOCK_MS).catch(() => undefined); // the next one may succeed
    }, LOCK_MS / 3);
    try {
      const starts = unfinishedStarts(job);
      if (starts >= MAX_STARTS) {
        throw permanentFailure(
          'stalled',
          `Its worker process did not report back from ${starts} runs of this task alone.`,
        );
      }
      await job.updateData({ ...job.data, quarantine_starts: starts + 1, quarantine_process: PROCESS_ID });
      await work().catch(async (error: unknown) => {
        await job.updateData({ ...job.data, quarantine_starts: starts }); // it failed, but the process lives
        throw error;
      });
      return true;
    } finally {
      clearInterval(renewal);
      await this.#redis.eval(RELEASE, 1, this.#key, token);
    }
  }
}

/** Starts whose process has died. One that this very process lost was lost to Redis, not to the task. */
function unfinishedStarts({ data }: Job<TaskData>): number {
  const starts = data?.quarantine_starts ?? 0; // data of a task that did not come through the orchestrator may be null
  return data?.quarantine_process === PROCESS_ID ? Math.max(0, starts - 1) : starts;
}
