import { setTimeout as sleep } from 'node:timers/promises';
import { indexAllTasks, isIndexComplete } from '../../shared/queue/bullmq-index.ts';
import type { QueueRedis } from '../../shared/queue/bullmq-schema.ts';

const INTERVAL_MS = 10 * 60_000;

/** With pauses this long, the work takes about a twentieth of Redis's time. */
const PAUSE_MS = 20;

/**
 * Sees to it that listings find all tasks. Each submission puts its tasks into the index. An older version did not, and
 * other programs do not. So this puts into the index what is missing: at the start, and every 10 min, since the older
 * version may run beside this one for a while.
 */
export class TaskIndex {
  readonly #queueRedis: QueueRedis;
  readonly #timer: NodeJS.Timeout;
  readonly #closed = new AbortController();
  #isRunning = false;

  constructor(queueRedis: QueueRedis) {
    this.#queueRedis = queueRedis;
    const complete = () => void this.#complete();
    this.#timer = setInterval(complete, INTERVAL_MS).unref();
    queueRedis.redis.on('ready', complete);
    if (queueRedis.redis.status === 'ready') complete();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#closed.abort();
  }

  /** Never rejects. Without a complete index, listings look at more tasks. */
  async #complete(): Promise<void> {
    if (this.#isRunning || this.#closed.signal.aborted) return;
    this.#isRunning = true;
    try {
      const { redis, keyOf } = this.#queueRedis;
      const pauseMs = (await isIndexComplete(redis, keyOf)) ? PAUSE_MS : 0;
      await indexAllTasks(redis, keyOf, () =>
        sleep(pauseMs, undefined, { ref: false, signal: this.#closed.signal }),
      );
    } catch {
      // Redis is away, which the connection logs, or this is closed.
    }
    this.#isRunning = false;
  }
}
