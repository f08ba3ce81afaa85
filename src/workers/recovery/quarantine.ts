import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { TaskRecord } from '../../shared/queue/queue.ts';
import { QUEUE_NAME } from '../../shared/queue-names.ts';
import { permanentFailure, TaskLost } from '../attempts/failure.ts';

/** How many processes a task may kill here before it is dead. */
const MAX_STARTS = 2;

/** Both do nothing once another run has the quarantine. */
const RELEASE =
  "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0";
const RENEW =
  "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end return 0";

export interface QuarantineOptions {
  readonly prefix: string;
  /** Each queue has its own quarantine. */
  readonly queue?: string;
  /** Called with each error of a command. The task is then delayed, or its end stands without the command. */
  readonly onRedisError: (error: Error) => void;
  /** How long the quarantine stays taken after its process has died. */
  readonly lockMs?: number;
}

export interface QuarantinedRun {
  /** Calls `work` when nothing else runs in this process. Only then does the start count. */
  readonly alone: (work: () => Promise<boolean>) => Promise<boolean>;
  readonly work: () => Promise<void>;
}

/**
 * Runs tasks that stalled twice. One task of a queue runs here at a time, over all processes: a lock in Redis sees to that. Its
 * process runs nothing else meanwhile. So when that process dies, this task is to blame.
 */
export class Quarantine {
  readonly #redis: Redis;
  readonly #key: string;
  readonly #lockMs: number;
  readonly #onRedisError: (error: Error) => void;
  /** Tells this process from one that died. A process that was blocked until its locks ran out counts as a new one. */
  #processId = randomUUID();

  constructor(redis: Redis, { prefix, queue = QUEUE_NAME, onRedisError, lockMs = 6_000 }: QuarantineOptions) {
    this.#redis = redis;
    // The default queue's key has the name that older versions know.
    this.#key = queue === QUEUE_NAME ? `${prefix}:quarantine` : `${prefix}:quarantine:${queue}`;
    this.#onRedisError = onRedisError;
    this.#lockMs = lockMs;
  }

  /**
   * Runs `work` alone: no other process runs a suspect, and `alone` sees to this one. Returns false, without having run it, while another task has the quarantine or Redis refuses.
   * Throws what `work` throws, and a permanent failure for a task whose process died here too often.
   */
  async run(job: TaskRecord, { alone, work }: QuarantinedRun): Promise<boolean> {
    const token = randomUUID();
    const reply = await this.#ask(() => this.#redis.set(this.#key, token, 'PX', this.#lockMs, 'NX'));
    if (reply !== 'OK') return false;
    const stopRenewal = this.#renew(token);
    try {
      const starts = this.#unfinishedStarts(job);
      if (starts >= MAX_STARTS) {
        throw permanentFailure(
          'stalled',
          `The task ran alone ${starts} times; its worker process died or hung each time.`,
        );
      }
      return await alone(() => this.#start(job, starts, work));
    } finally {
      stopRenewal();
      await this.#ask(() => this.#redis.eval(RELEASE, 1, this.#key, token));
    }
  }

  async #start(job: TaskRecord, starts: number, work: () => Promise<void>): Promise<boolean> {
    const before = job.data;
    const started = { ...before, quarantine_starts: starts + 1, quarantine_process: this.#processId };
    if ((await this.#ask(() => job.updateData(started))) === 'failed') return false;
    await work().catch(async (error: unknown) => {
      // The process lives, so this start does not count. If another worker has the task, it does the counting.
      if (!(error instanceof TaskLost)) await this.#ask(() => job.updateData(before));
      throw error;
    });
    return true;
  }

  /** Never rejects: Redis failures must not fail a task. */
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
      this.#redis.eval(RENEW, 1, this.#key, token, this.#lockMs).catch(() => undefined); // the next renewal may succeed
    }, this.#lockMs / 3);
    return () => {
      tick();
      clearInterval(renewal);
    };
  }

  /** Starts whose process died. If this very process made the last one, Redis lost its end, and the task is innocent. */
  #unfinishedStarts({ data }: TaskRecord): number {
    const starts = data?.quarantine_starts ?? 0; // null for a task that did not come through the orchestrator
    return data?.quarantine_process === this.#processId ? Math.max(0, starts - 1) : starts;
  }
}
