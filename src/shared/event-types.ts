import type { Redis } from 'ioredis';

/** Label value for event types that no worker handles. */
export const UNKNOWN_EVENT_TYPE = 'unknown';

const ANNOUNCE_INTERVAL_MS = 30_000;
/** A type that no worker announced for this long is not handled any more. */
const MAX_AGE_MS = 5 * 60_000;
const REFRESH_INTERVAL_MS = 15_000;
/** An unknown type makes a look-up at most this often. */
const MIN_REFRESH_MS = 1_000;
/** More than these are not told apart, so that labels stay bounded. */
const MAX_TYPES = 200;

const keyOf = (prefix: string) => `${prefix}:event-types`;

/** Tells other processes, through Redis, which event types this one handles. Answers a function that ends it. */
export function announceEventTypes(redis: Redis, prefix: string, types: readonly string[]): () => void {
  const announce = () => {
    const now = Date.now();
    const scores = types.flatMap((type) => [now, type]);
    if (scores.length > 0) redis.zadd(keyOf(prefix), ...scores).catch(() => undefined); // the next one may succeed
  };
  redis.on('ready', announce);
  if (redis.status === 'ready') announce();
  const timer = setInterval(announce, ANNOUNCE_INTERVAL_MS).unref();
  return () => {
    clearInterval(timer);
    redis.off('ready', announce);
  };
}

/** The event types that workers have announced: what bounds `event_type` where no handlers are known. */
export class EventTypes {
  readonly #redis: Redis;
  readonly #key: string;
  #known = new Set<string>();
  #refreshedAt = Number.NEGATIVE_INFINITY;

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#key = keyOf(prefix);
  }

  /** The type itself when a worker handles it, else `unknown`. */
  async labelOf(type: string): Promise<string> {
    const ageMs = performance.now() - this.#refreshedAt;
    if (ageMs > REFRESH_INTERVAL_MS || (ageMs > MIN_REFRESH_MS && !this.#known.has(type)))
      await this.#refresh();
    return this.#known.has(type) ? type : UNKNOWN_EVENT_TYPE;
  }

  /** Keeps what it knows when Redis does not answer. */
  async #refresh(): Promise<void> {
    this.#refreshedAt = performance.now();
    try {
      const types = await this.#redis.zrange(
        this.#key,
        Date.now() - MAX_AGE_MS,
        '+inf',
        'BYSCORE',
        'LIMIT',
        0,
        MAX_TYPES,
      );
      this.#known = new Set(types);
    } catch {
      // The connection's own log says that Redis is away.
    }
  }
}
