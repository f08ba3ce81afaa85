import type { Redis } from 'ioredis';

/** Clocks of machines drift apart slowly; this is often enough. */
const SYNC_INTERVAL_MS = 30_000;

/**
 * Redis's clock as seen from this process, so that times noted by one process and read by another have one
 * source. It asks Redis now and then and is this machine's clock until the first answer.
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

  /** Keeps the last offset when Redis does not answer. The answer is taken to come from halfway. */
  async sync(): Promise<void> {
    const sentAt = Date.now();
    try {
      const [seconds, microseconds] = await this.#redis.time();
      const redisMs = Number(seconds) * 1000 + Number(microseconds) / 1000;
      this.#offsetMs = redisMs - (sentAt + Date.now()) / 2;
    } catch {
      // The connection's own log says that Redis is away.
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
