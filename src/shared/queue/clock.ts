import type { Redis } from 'ioredis';

/** Often enough: the clocks of two machines drift apart slowly. */
const SYNC_INTERVAL_MS = 30_000;

/**
 * Redis's clock as this process sees it: the one source of times that one process writes and another reads.
 * It asks Redis every 30 s. Until the first reply it shows this machine's clock.
 */
export class RedisClock {
  readonly #redis: Redis;
  readonly #timer: NodeJS.Timeout;
  #offsetMs = 0;

  constructor(redis: Redis) {
    this.#redis = redis;
    this.#timer = setInterval(() => void this.sync(), SYNC_INTERVAL_MS).unref();
    redis.on('ready', () => void this.sync());
  }

  /** Unix time in milliseconds. */
  now(): number {
    return Date.now() + this.#offsetMs;
  }

  /** Keeps the last offset when Redis does not answer. Assumes that Redis read its clock halfway through the wait. */
  async sync(): Promise<void> {
    const sentAt = Date.now();
    try {
      const [seconds, microseconds] = await this.#redis.time();
      const redisMs = Number(seconds) * 1000 + Number(microseconds) / 1000;
      this.#offsetMs = redisMs - (sentAt + Date.now()) / 2;
    } catch {
      // The connection logs that Redis is away.
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
