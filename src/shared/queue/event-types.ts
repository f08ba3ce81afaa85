import type { Redis } from 'ioredis';
import { parseJson } from './bullmq-fields.ts';
import { SharedRead } from './shared-read.ts';
import { ANNOUNCE_INTERVAL_MS, WORKER_MAX_AGE_MS } from './worker-registry.ts';

/** Label value for event types that no worker handles. */
export const UNKNOWN_EVENT_TYPE = 'unknown';

/** The next announcement comes after this where the last one brought tasks back. */
const SOON_MS = 1_000;
/** Labels keep a type for this long after its last announcement, so that a restart does not change them. */
const LABEL_MAX_AGE_MS = 5 * 60_000;
const REFRESH_INTERVAL_MS = 5_000;
/** An unknown type causes a read at most this often. */
const MIN_REFRESH_MS = 1_000;
/** Further types count as `unknown`, so that labels stay bounded. */
const MAX_TYPES = 200;
/** More workers than these are not looked at. */
const MAX_WORKERS = 1_000;

/**
 * All scripts use Redis's clock: those of two machines may be minutes apart. KEYS: event types by their last announcement;
 * workers by their last one; the JSON list of each worker's types. ARGV: the worker's id, its list, and the types.
 * This one removes what is too old.
 */
const ANNOUNCE = `
local now = redis.call('TIME')[1] * 1000
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ${LABEL_MAX_AGE_MS})
for i = 3, #ARGV do redis.call('ZADD', KEYS[1], now, ARGV[i]) end
local gone = redis.call('ZRANGE', KEYS[2], '-inf', now - ${WORKER_MAX_AGE_MS}, 'BYSCORE', 'LIMIT', 0, ${MAX_WORKERS})
for _, worker in ipairs(gone) do
  redis.call('ZREM', KEYS[2], worker)
  redis.call('HDEL', KEYS[3], worker)
end
redis.call('ZADD', KEYS[2], now, ARGV[1])
redis.call('HSET', KEYS[3], ARGV[1], ARGV[2])
`;
const WITHDRAW = `
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('HDEL', KEYS[3], ARGV[1])
`;
/** Returns the types for labels, the different lists of live workers, and their number. Most have the same list. */
const READ = `
local now = redis.call('TIME')[1] * 1000
local types = redis.call('ZRANGE', KEYS[1], now - ${LABEL_MAX_AGE_MS}, '+inf', 'BYSCORE', 'LIMIT', 0, ${MAX_TYPES})
local live = redis.call('ZRANGE', KEYS[2], now - ${WORKER_MAX_AGE_MS} + 1, '+inf', 'BYSCORE', 'LIMIT', 0, ${MAX_WORKERS})
local lists, seen = {}, {}
for _, worker in ipairs(live) do
  local list = redis.call('HGET', KEYS[3], worker)
  if list and not seen[list] then
    seen[list] = true
    lists[#lists + 1] = list
  end
end
return {types, lists, #live}
`;

const keysOf = (prefix: string) =>
  ['event-types', 'workers', 'worker-types'].map((name) => `${prefix}:${name}`);

export interface AnnounceOptions {
  readonly prefix: string;
  /** The worker's id. */
  readonly worker: string;
  readonly types: readonly string[];
  /** Called after each announcement that Redis took. Returns whether the next one shall come soon. It must not reject. */
  readonly onAnnounced: () => Promise<boolean>;
}

/**
 * Tells other processes, through Redis, which event types this one handles: at once, every 10 s, and when Redis is back.
 * `redis` is a connection for request paths. Returns a function that withdraws the announcement. It never rejects: after
 * 30 s without an announcement the worker counts as dead anyway.
 */
export function announceEventTypes(
  redis: Redis,
  { prefix, worker, types, onAnnounced }: AnnounceOptions,
): () => Promise<void> {
  const keys = keysOf(prefix);
  const list = JSON.stringify([...types].sort());
  let isStopped = false;
  let next: NodeJS.Timeout | undefined;
  const announce = async () => {
    try {
      await redis.eval(ANNOUNCE, keys.length, ...keys, worker, list, ...types);
    } catch {
      return false; // the next announcement may succeed
    }
    return !isStopped && onAnnounced();
  };
  const start = async () => {
    const isSoon = await announce();
    clearTimeout(next);
    if (!isStopped) next = setTimeout(start, isSoon ? SOON_MS : ANNOUNCE_INTERVAL_MS).unref();
  };
  redis.on('ready', start);
  void start(); // fails at once while Redis is away
  return async () => {
    isStopped = true;
    clearTimeout(next);
    redis.off('ready', start);
    await redis.eval(WITHDRAW, keys.length, ...keys, worker).catch(() => undefined);
  };
}

/** Which of some event types no live worker handles. */
export interface Unannounced {
  readonly types: readonly string[];
  /** Whether any worker is live. While none is, nobody knows what the next one will handle. */
  readonly isAnyWorkerLive: boolean;
}

const NOTHING_KNOWN: Unannounced = { types: [], isAnyWorkerLive: false };

/** The event types that workers have announced. They bound the label `event_type` in a process without handlers. */
export class EventTypes {
  readonly #redis: Redis;
  readonly #keys: readonly string[];
  #known: ReadonlySet<string> = new Set<string>();
  /** Those of live workers; undefined until the first reply. */
  #live: ReadonlySet<string> | undefined;
  #liveCount = 0;
  readonly #reading = new SharedRead(() => this.#read());

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#keys = keysOf(prefix);
  }

  /** Returns the type when a worker handles it, else `unknown`. Never rejects; waits for Redis as the connection does. */
  async labelOf(type: string): Promise<string> {
    await this.#refresh(this.#known.has(type));
    return this.#known.has(type) ? type : UNKNOWN_EVENT_TYPE;
  }

  /** Returns the types that workers have announced lately. Never rejects; waits for Redis as the connection does. */
  async all(): Promise<ReadonlySet<string>> {
    await this.#refresh(true);
    return this.#known;
  }

  /** Returns the types that live workers handle. Never rejects; waits for Redis as the connection does. */
  async live(): Promise<ReadonlySet<string>> {
    await this.#refresh(true);
    return this.#live ?? new Set();
  }

  /** Returns those types that no live worker has announced. Never rejects, and names none until Redis has replied. */
  async unannounced(types: Iterable<string>): Promise<Unannounced> {
    const wanted = [...new Set(types)];
    const missing = () => wanted.filter((type) => !this.#live?.has(type));
    await this.#refresh(missing().length === 0);
    if (this.#live === undefined) return NOTHING_KNOWN;
    return { types: missing(), isAnyWorkerLive: this.#liveCount > 0 };
  }

  /** Returns how many workers take tasks. Never rejects; waits for Redis as the connection does. */
  async countWorkers(): Promise<number> {
    await this.#refresh(false);
    return this.#liveCount;
  }

  #refresh(isFound: boolean): Promise<void> {
    return this.#reading.ifOlderThan(isFound ? REFRESH_INTERVAL_MS : MIN_REFRESH_MS);
  }

  /** Keeps the known types when Redis does not answer. */
  async #read(): Promise<void> {
    try {
      const reply = await this.#redis.eval(READ, this.#keys.length, ...this.#keys);
      const [types, lists, count] = reply as [string[], string[], number]; // as in the script
      this.#known = new Set(types);
      this.#live = new Set(lists.flatMap(parseList));
      this.#liveCount = count;
    } catch {
      // The connection logs that Redis is away.
    }
  }
}

/** Anything may be in Redis. */
function parseList(text: string): string[] {
  const list = parseJson(text);
  return Array.isArray(list) ? list.filter((type) => typeof type === 'string') : [];
}
