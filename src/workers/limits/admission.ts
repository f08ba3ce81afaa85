import { availableParallelism } from 'node:os';
import type { Redis } from 'ioredis';
import { QUEUE_NAME } from '../../shared/queue/queue.ts';
import type { HandlerSettings } from '../handler.ts';
import { REFUSED_RETRY_MS } from '../recovery/fetching-worker.ts';
import { Slots, type Wake, type Waking } from './concurrency-limit.ts';
import { type Rate, takePlace } from './rate-limit.ts';

/** Threads beyond the cores would only take turns. */
export const MAX_THREADS = availableParallelism();

/**
 * Puts a delayed task first in line, where it was when it was refused. KEYS are BullMQ's: delayed, wait, meta, marker,
 * the task. ARGV[2] is '' where idle workers need not be told. Answers 1, 0 when it is not delayed any more, -1 while
 * the queue is paused.
 */
const WAKE = `
if redis.call('HEXISTS', KEYS[3], 'paused') == 1 then return -1 end
if redis.call('ZREM', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('RPUSH', KEYS[2], ARGV[1])
redis.call('HSET', KEYS[5], 'delay', 0)
if ARGV[2] ~= '' then redis.call('ZADD', KEYS[4], 0, '0') end
return 1
`;
const WAKINGS: Readonly<Record<number, Waking>> = { 1: 'woken', 0: 'gone', [-1]: 'paused' };

/** Why a task does not run now: it is to come again. */
export class Postponement extends Error {
  readonly delayMs: number;
  /** To be called once the task has been put off. */
  readonly onPostponed: () => void;

  constructor(delayMs: number, onPostponed = () => {}) {
    super(`The task is put off by ${delayMs} ms.`);
    this.delayMs = delayMs;
    this.onPostponed = onPostponed;
  }
}

export interface AdmissionOptions {
  readonly prefix: string;
  readonly settings: Readonly<Record<string, HandlerSettings>>;
  /** Told of what Redis would not do. */
  readonly onRedisError: (error: Error) => void;
}

/**
 * Holds event types to their own limits: concurrency in this process, rate over all processes, and those that run in
 * threads to the number of threads, so that none waits for one while it holds a slot of the pool.
 */
export class AdmissionControl {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #settings: Readonly<Record<string, HandlerSettings>>;
  readonly #onRedisError: (error: Error) => void;
  readonly #slots = new Map<string, readonly Slots[]>();

  constructor(redis: Redis, { prefix, settings, onRedisError }: AdmissionOptions) {
    this.#redis = redis;
    this.#prefix = prefix;
    this.#settings = settings;
    this.#onRedisError = onRedisError;
    const wake: Wake = (id, isFetching) => this.#wake(id, isFetching);
    const threads = new Slots(MAX_THREADS, wake);
    for (const [eventType, { concurrency, rate, thread }] of Object.entries(settings)) {
      const slots = concurrency === undefined ? [] : [new Slots(concurrency, wake)];
      if (thread) slots.push(threads);
      if (slots.length > 0 || rate !== undefined) this.#slots.set(eventType, slots);
    }
  }

  /** Whether a type has limits: most have none, and need not come by here. */
  isLimited(eventType: string): boolean {
    return this.#slots.has(eventType);
  }

  /** Runs a task within the limits of its type; throws a Postponement, without having run it, where they are reached. */
  async run<T>(eventType: string, id: string, work: () => Promise<T>): Promise<T> {
    const slots = this.#slots.get(eventType) ?? [];
    const full = slots.find((each) => !each.hasRoom());
    if (full !== undefined) throw new Postponement(full.nextReturnMs(), () => full.park(id));
    const releases = slots.map((each) => each.take(id));
    try {
      const { rate } = this.#settings[eventType] ?? {};
      if (rate !== undefined) await this.#awaitPlace(eventType, rate, id);
      return await work();
    } finally {
      for (const release of releases) release();
    }
  }

  /** A task must not fail for what Redis does: where it refuses to count, the task comes again. */
  async #awaitPlace(eventType: string, rate: Rate, id: string): Promise<void> {
    const key = `${this.#prefix}:rate:${eventType}`;
    const waitMs = await takePlace(this.#redis, key, rate, id).catch((error: Error) => {
      this.#onRedisError(error);
      return REFUSED_RETRY_MS;
    });
    if (waitMs > 0) throw new Postponement(waitMs);
  }

  async #wake(id: string, isFetching: boolean): Promise<Waking> {
    const base = `${this.#prefix}:${QUEUE_NAME}:`;
    const keys = ['delayed', 'wait', 'meta', 'marker', id].map((key) => base + key);
    const answer = await this.#redis.eval(WAKE, keys.length, ...keys, id, isFetching ? '' : 'tell');
    return WAKINGS[Number(answer)] ?? 'gone';
  }
}
