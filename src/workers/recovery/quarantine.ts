import { randomUUID } from 'node:crypto';
import type { Job } from 'bullmq';
import type { Redis } from 'ioredis';
import type { TaskData } from '../../shared/queue/queue.ts';
import { permanentFailure, TaskLost } from '../attempts/failure.ts';

/** Starts that a task may leave unfinished here (its process died each time) before it is given up. */
const MAX_STARTS = 2;

/** Both do nothing once another run has the place. */
const RELEASE =
  "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0";
const RENEW =
  "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end return 0";

export interface QuarantineOptions {
  readonly prefix: string;
  /** Told of what Redis would not do; the task is then put off, or its end stands without it. */
  readonly onRedisError: (error: Error) => void;
  /** How long the place stays taken after its process has died, in milliseconds. */
  readonly lockMs?: number;
}

/**
 * Where a task runs that was in progress when processes died before. One such task runs at a time over all
 * processes, so when a process dies again the culprit is known: only a task that dies here is counted, and
 * those that merely ran beside it are not. A lock in Redis is the single place.
 */
export class Quarantine {
  readonly #redis: Redis;
  readonly #key: string;
  readonly #lockMs: number;
  readonly #onRedisError: (error: Error) => void;
  /** Tells this process from one that has died. One that was blocked until locks ran out goes on as another. */
  #processId = randomUUID();

  constructor(redis: Redis, { prefix, onRedisError, lockMs = 6_000 }: QuarantineOptions) {
    this.#redis = redis;
    this.#key = `${prefix}:quarantine`;
    this.#onRedisError = onRedisError;
    this.#lockMs = lockMs;
  }

  /**
   * Runs `work` alone. Answers false, without having run it, while another task has the place or Redis refuses.
   * Throws what `work` throws, and an unrecoverable error for a task whose process died here too often.
   */
  async run(job: Job<TaskData>, work: () => Promise<void>): Promise<boolean> {
    const token = randomUUID();
    const hasPlace = await this.#ask(() => this.#redis.set(this.#key, token, 'PX', this.#lockMs, 'NX'));
    if (hasPlace !== 'OK') return false;
    const stopRenewal = this.#renew(token);
    try {
      const starts = this.#unfinishedStarts(job);
      if (starts >= MAX_STARTS) {
        throw permanentFailure(
          'stalled',
          `Its worker process did not report back from ${starts} runs of this task alone.`,
        );
      }
      const before = job.data;
      const started = { ...before, quarantine_starts: starts + 1, quarantine_process: this.#processId };
      if ((await this.#ask(() => job.updateData(started))) === 'failed') return false;
      await work().catch(async (error: unknown) => {
        // It failed, but the process lives. What another has started is the other's to count.
        if (!(error instanceof TaskLost)) await this.#ask(() => job.updateData(before));
        throw error;
      });
      return true;
    } finally {
      stopRenewal();
      await this.#ask(() => this.#redis.eval(RELEASE, 1, this.#key, token));
    }
  }

  /** Never rejects: a task must not fail for what Redis does. */
  async #ask<T>(command: () => Promise<T>): Promise<T | 'failed'> {
    try {
      return await command();
    } catch (error) {
      this.#onRedisError(error as Error); // ioredis and BullMQ throw nothing else
      return 'failed';
    }
  }

  #renew(token: string): () => void {
    let tickedAt = performance.now();
    const tick = () => {
      const now = performance.now();
      if (now - tickedAt > this.#lockMs / 2) this.#processId = randomUUID();
      tickedAt = now;
    };
    const renewal = setInterval(() => {
      tick();
      this.#redis.eval(RENEW, 1, this.#key, token, this.#lockMs).catch(() => undefined); // the next one may succeed
    }, this.#lockMs / 3);
    return () => {
      tick();
      clearInterval(renewal);
    };
  }

  /** Starts whose process has died. One that this very process lost was lost to Redis, not to the task. */
  #unfinishedStarts({ data }: Job<TaskData>): number {
    const starts = data?.quarantine_starts ?? 0; // data of a task that did not come through the orchestrator may be null
    return data?.quarantine_process === this.#processId ? Math.max(0, starts - 1) : starts;
  }
}
