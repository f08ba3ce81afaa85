import type { Job } from 'bullmq';
import type { Redis } from 'ioredis';
import type { TaskData } from '../shared/queue.ts';
import { permanentFailure } from './failure.ts';

/** Starts that a task may leave unfinished here (its process died each time) before it is given up. */
const MAX_STARTS = 2;
const LOCK_MS = 6_000;

/** Deletes the key only while it still holds this task's id. */
const RELEASE =
  "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0";

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
    const id = job.id ?? '';
    if (!(await this.#enter(id))) return false;
    const renewal = setInterval(() => {
      this.#redis.pexpire(this.#key, LOCK_MS).catch(() => undefined); // the next one may succeed
    }, LOCK_MS / 3);
    try {
      const starts = job.data.quarantine_starts ?? 0;
      if (starts >= MAX_STARTS) {
        throw permanentFailure(
          'stalled',
          `The worker process died ${starts} times while it ran this task alone.`,
        );
      }
      await job.updateData({ ...job.data, quarantine_starts: starts + 1 });
      await work().catch(async (error: unknown) => {
        await job.updateData({ ...job.data, quarantine_starts: starts }); // it failed, but the process lives
        throw error;
      });
      return true;
    } finally {
      clearInterval(renewal);
      await this.#redis.eval(RELEASE, 1, this.#key, id);
    }
  }

  /** Takes the place; a task that held it when its process died takes it again. */
  async #enter(id: string): Promise<boolean> {
    if ((await this.#redis.set(this.#key, id, 'PX', LOCK_MS, 'NX')) === 'OK') return true;
    return (await this.#redis.get(this.#key)) === id;
  }
}
