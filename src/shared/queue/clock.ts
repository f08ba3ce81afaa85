import type { Redis } from 'ioredis';

/** Often enough: the clocks of two machines drift apart slowly. */
const SYNC_INTERVAL_MS = 30_000;
const SAMPLES = 3;

/** A script, so that a Cluster sends it to the node that has the queue: each node has a clock of its own. */
const READ_TIME = "return redis.call('TIME')";

/**
 * Redis's clock as this process sees it: the one source of times that one process writes and another reads.
 * It asks Redis every 30 s, and counts on with the monotonic clock: when this machine's date is set, it does not jump.
 * Until the first reply it shows this machine's date.
 */
export class RedisClock {
  readonly #redis: Redis;
  readonly #key: string;
  readonly #timer: NodeJS.Timeout;
  /** What Redis's clock showed when the monotonic clock was 0. */
  #originMs = Date.now() - performance.now();

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#key = `${prefix}:check`;
    this.#timer = setInterval(() => void this.sync(), SYNC_INTERVAL_MS).unref();
    redis.on('ready', () => void this.sync());
    if (redis.status === 'ready') void this.sync();
  }

  /** Unix time in milliseconds. */
  now(): number {
    return this.#originMs + performance.now();
  }

  /**
   * Keeps the last origin when Redis does not answer. Assumes that Redis read its clock halfway through the wait,
   * so the shortest of three waits is the most exact one: a busy process gets its replies late.
   */
  async sync(): Promise<void> {
    try {
      let shortestMs = Number.POSITIVE_INFINITY;
      for (let i = 0; i < SAMPLES; i += 1) {
        const sentAt = performance.now();
        const [seconds, microseconds] = (await this.#redis.eval(READ_TIME, 1, this.#key)) as string[]; // as TIME
        const gotAt = performance.now();
        if (gotAt - sentAt >= shortestMs) continue;
        shortestMs = gotAt - sentAt;
        this.#originMs = Number(seconds) * 1000 + Number(microseconds) / 1000 - (sentAt + gotAt) / 2;
      }
    } catch {
      // The connection logs that Redis is away.
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
