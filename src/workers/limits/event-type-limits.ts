import type { Redis } from 'ioredis';
import { type KeyOf, wakeDelayedTask } from '../../shared/queue/bullmq-schema.ts';
import { REFUSAL_RETRY_MS } from '../../shared/queue/errors.ts';
import { MAX_THREADS } from '../attempts/handler-threads.ts';
import type { HandlerSettings } from '../handler.ts';
import { ConcurrencyLimit, type Wake } from './concurrency-limit.ts';
import { type Rate, takePlace } from './rate-limit.ts';

/** Thrown when a task cannot run now. The pool delays it; that uses up no attempt. */
export class Postponement extends Error {
  readonly delayMs: number;
  /** Called once the task is delayed. */
  readonly onPostponed: () => void;

  constructor(delayMs: number, onPostponed = () => {}) {
    super(`The task is delayed by ${delayMs} ms.`);
    this.delayMs = delayMs;
    this.onPostponed = onPostponed;
  }
}

export interface EventTypeLimitsOptions {
  /** A rate holds over all queues. */
  readonly prefix: string;
  readonly keyOf: KeyOf;
  readonly settings: Readonly<Record<string, HandlerSettings>>;
  /** Called with each error of a command. */
  readonly onRedisError: (error: Error) => void;
}

/**
 * Applies the limits of event types: concurrency in this process, and rate over all processes. All types that run in
 * threads share one more limit, the number of threads, so that no task waits for a thread while it holds a slot.
 */
export class EventTypeLimits {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #settings: Readonly<Record<string, HandlerSettings>>;
  readonly #onRedisError: (error: Error) => void;
  readonly #concurrencyLimits = new Map<string, readonly ConcurrencyLimit[]>();

  constructor(redis: Redis, { prefix, keyOf, settings, onRedisError }: EventTypeLimitsOptions) {
    this.#redis = redis;
    this.#prefix = prefix;
    this.#settings = settings;
    this.#onRedisError = onRedisError;
    const wake: Wake = (id, isFetching) => wakeDelayedTask(redis, keyOf, id, !isFetching);
    const threads = new ConcurrencyLimit(MAX_THREADS, wake);
    for (const [eventType, { concurrency, rate, thread }] of Object.entries(settings)) {
      const limits = concurrency === undefined ? [] : [new ConcurrencyLimit(concurrency, wake)];
      if (thread) limits.push(threads);
      if (limits.length > 0 || rate !== undefined) this.#concurrencyLimits.set(eventType, limits);
    }
  }

  /** Whether the type has limits. Tasks of other types need not call `run`. */
  isLimited(eventType: string): boolean {
    return this.#concurrencyLimits.has(eventType);
  }

  /** Does the work within the limits of its type. Throws a Postponement, without doing it, where one is reached. */
  async run<T>(eventType: string, id: string, work: () => Promise<T>): Promise<T> {
    const limits = this.#concurrencyLimits.get(eventType) ?? [];
    const full = limits.find((limit) => !limit.hasRoom());
    if (full !== undefined) throw new Postponement(full.nextReturnMs(), () => full.park(id));
    const leaves = limits.map((limit) => limit.enter(id));
    try {
      const { rate } = this.#settings[eventType] ?? {};
      if (rate !== undefined) await this.#takePlace(eventType, rate, id);
      return await work();
    } finally {
      for (const leave of leaves) leave();
    }
  }

  /** Redis failures must not fail a task: where the command fails, the task comes again. */
  async #takePlace(eventType: string, rate: Rate, id: string): Promise<void> {
    const key = `${this.#prefix}:rate:${eventType}`;
    const waitMs = await takePlace(this.#redis, key, rate, id).catch((error: Error) => {
      this.#onRedisError(error);
      return REFUSAL_RETRY_MS;
    });
    if (waitMs > 0) throw new Postponement(waitMs);
  }
}
