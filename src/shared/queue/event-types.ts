import type { Redis } from 'ioredis';

/** Label value for event types that no worker handles. */
export const UNKNOWN_EVENT_TYPE = 'unknown';

const ANNOUNCE_INTERVAL_MS = 30_000;
/** A type that no worker announced for this long is not handled any more. */
const MAX_AGE_MS = 5 * 60_000;
const REFRESH_INTERVAL_MS = 15_000;
/** An unknown type causes a read at most this often. */
const MIN_REFRESH_MS = 1_000;
/** Further types count as `unknown`, so that labels stay bounded. */
const MAX_TYPES = 200;

/** Both scripts use Redis's clock: those of two machines may be minutes apart. This one removes what is too old. */
const ANNOUNCE = `
local now = redis.call('TIME')[1] * 1000
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ${MAX_AGE_MS})
for _, type in ipairs(ARGV) do redis.call('ZADD', KEYS[1], now, type) end
`;
const READ = `
local now = redis.call('TIME')[1] * 1000
return redis.call('ZRANGE', KEYS[1], now - ${MAX_AGE_MS}, '+inf', 'BYSCORE', 'LIMIT', 0, ${MAX_TYPES})
`;

const keyOf = (prefix: string) => `${prefix}:event-types`;

/** Tells other processes, through Redis, which event types this one handles. Returns a function that stops it. */
export function announceEventTypes(redis: Redis, prefix: string, types: readonly string[]): () => void {
  const announce = () => {
    redis.eval(ANNOUNCE, 1, keyOf(prefix), ...types).catch(() => undefined); // the next announcement may succeed
  };
  redis.on('ready', announce);
  if (redis.status === 'ready') announce();
  const timer = setInterval(announce, ANNOUNCE_INTERVAL_MS).unref();
  return () => {
    clearInterval(timer);
    redis.off('ready', announce);
  };
}

/** The event types that workers have announced. They bound the label `event_type` in a process without handlers. */
export class EventTypes {
  readonly #redis: Redis;
  readonly #key: string;
  #known = new Set<string>();
  #refreshedAt = Number.NEGATIVE_INFINITY;
  #refreshing: Promise<void> | undefined;

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#key = keyOf(prefix);
  }

  /** Returns the type when a worker handles it, else `unknown`. Never rejects; waits for Redis as the connection does. */
  async labelOf(type: string): Promise<string> {
    const ageMs = performance.now() - this.#refreshedAt;
    if (ageMs > REFRESH_INTERVAL_MS || (ageMs > MIN_REFRESH_MS && !this.#known.has(type))) {
      // All callers wait for the same read.
      this.#refreshing ??= this.#refresh();
      await this.#refreshing;
    }
    return this.#known.has(type) ? type : UNKNOWN_EVENT_TYPE;
  }

  /** Keeps the known types when Redis does not answer. */
  async #refresh(): Promise<void> {
    try {
      this.#known = new Set((await this.#redis.eval(READ, 1, this.#key)) as string[]); // as in the script
    } catch {
      // The connection logs that Redis is away.
    }
    this.#refreshedAt = performance.now();
    this.#refreshing = undefined;
  }
}
