import type { Redis } from 'ioredis';
import type { QueueSlots } from '../queue-names.ts';
import { QUEUE_NAME } from '../queue-names.ts';
import { announce, MAX_WORKERS } from './announcements.ts';
import { parseJson } from './bullmq-fields.ts';
import { createScript } from './script.ts';
import { SharedRead } from './shared-read.ts';

/** A worker that announced nothing for this long has died. */
export const WORKER_MAX_AGE_MS = 30_000;
/** A worker that stopped or vanished is shown for this long. */
const KEPT_MS = 60 * 60_000;
export const ANNOUNCE_INTERVAL_MS = 10_000;
const REFRESH_INTERVAL_MS = 1_000;

/** What a worker process says about itself. */
export interface WorkerAnnouncement {
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  /** How many tasks it runs at once, over all queues. */
  readonly slots: number;
  /** The slots of each queue. */
  readonly queues: readonly QueueSlots[];
  readonly event_types: readonly string[];
  /** `draining`: it takes no more tasks. `stopped`: it ended as it should. */
  readonly state: 'running' | 'draining' | 'stopped';
}

/** All times are Unix milliseconds by Redis's clock. */
export interface RegisteredWorker extends Omit<WorkerAnnouncement, 'state'> {
  readonly id: string;
  /** `vanished`: it announces nothing, and did not stop. */
  readonly state: WorkerAnnouncement['state'] | 'vanished';
  readonly sinceMs: number;
  readonly lastSeenMs: number;
}

/** Returns now, and of each worker the id, its last announcement's time, and its entry. */
const READ = createScript(`
local now = redis.call('TIME')[1] * 1000
local seen = redis.call('ZRANGE', KEYS[1], '+inf', now - ${KEPT_MS}, 'BYSCORE', 'REV', 'LIMIT', 0, ${MAX_WORKERS}, 'WITHSCORES')
local reply = {string.format('%d', now)}
for i = 1, #seen, 2 do
  reply[#reply + 1] = seen[i]
  reply[#reply + 1] = seen[i + 1]
  reply[#reply + 1] = redis.call('HGET', KEYS[2], seen[i]) or ''
end
return reply
`);

const keysOf = (prefix: string) => [`${prefix}:workers-seen`, `${prefix}:worker-info`];

export interface Registration {
  /** Says that the worker takes no more tasks. */
  drain(): Promise<void>;
  /** Says that the worker ended as it should. The last call. */
  stop(): Promise<void>;
}

/**
 * Tells other processes, through Redis, that this worker lives: at once, every 10 s, and when Redis is back. `redis` is a
 * connection for request paths. Nothing here rejects.
 */
export function registerWorker(
  redis: Redis,
  prefix: string,
  { id, ...about }: { readonly id: string } & Omit<WorkerAnnouncement, 'state'>,
): Registration {
  let state: WorkerAnnouncement['state'] = 'running';
  const tell = () => {
    const text = JSON.stringify({ ...about, state } satisfies WorkerAnnouncement);
    return announce(redis, keysOf(prefix), { id, text, keptMs: KEPT_MS });
  };
  const timer = setInterval(tell, ANNOUNCE_INTERVAL_MS).unref();
  redis.on('ready', tell);
  void tell(); // fails at once while Redis is away
  return {
    drain: () => {
      state = 'draining';
      return tell();
    },
    stop: () => {
      clearInterval(timer);
      redis.off('ready', tell);
      state = 'stopped';
      return tell();
    },
  };
}

/** The workers that announced themselves in the last hour. Redis is asked at most once a second. */
export class WorkerRegistry {
  readonly #redis: Redis;
  readonly #prefix: string;
  #workers: readonly RegisteredWorker[] = [];
  #error: unknown;
  readonly #reading = new SharedRead(() => this.#read());

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#prefix = prefix;
  }

  /** Returns them, the last seen first. Rejects when Redis does not answer. */
  async all(): Promise<readonly RegisteredWorker[]> {
    await this.#reading.ifOlderThan(REFRESH_INTERVAL_MS);
    if (this.#error !== undefined) throw this.#error;
    return this.#workers;
  }

  async #read(): Promise<void> {
    try {
      const reply = await READ(this.#redis, keysOf(this.#prefix), []);
      this.#workers = parseReply(reply as string[]); // as in the script
      this.#error = undefined;
    } catch (error) {
      this.#error = error;
    }
  }
}

function parseReply([now, ...entries]: readonly string[]): RegisteredWorker[] {
  const workers: RegisteredWorker[] = [];
  for (let i = 0; i < entries.length; i += 3) {
    const [id = '', lastSeen, entry = ''] = entries.slice(i, i + 3);
    const worker = parseEntry(id, Number(lastSeen), entry);
    if (worker === undefined) continue;
    const isVanished = worker.state !== 'stopped' && Number(now) - worker.lastSeenMs > WORKER_MAX_AGE_MS;
    workers.push(isVanished ? { ...worker, state: 'vanished' } : worker);
  }
  return workers;
}

/** Anything may be in Redis. */
function parseEntry(id: string, lastSeenMs: number, entry: string): RegisteredWorker | undefined {
  const end = entry.indexOf('\n');
  const told = parseJson(entry.slice(end + 1)) as Partial<WorkerAnnouncement> | null | undefined; // checked below
  const { host, pid, version, slots, queues, event_types, state } = told ?? {};
  if (typeof host !== 'string' || typeof version !== 'string' || !Array.isArray(event_types))
    return undefined;
  if (!Number.isSafeInteger(pid) || !Number.isSafeInteger(slots)) return undefined;
  return {
    id,
    host,
    pid: Number(pid),
    version,
    slots: Number(slots),
    queues: parseQueues(queues) ?? [{ queue: QUEUE_NAME, slots: Number(slots) }],
    event_types: event_types.filter((type) => typeof type === 'string'),
    state: state === 'draining' || state === 'stopped' ? state : 'running',
    sinceMs: Number(entry.slice(0, Math.max(0, end))) || lastSeenMs,
    lastSeenMs,
  };
}

/** Returns undefined for what an older worker says, which has one queue. */
function parseQueues(told: unknown): readonly QueueSlots[] | undefined {
  if (!Array.isArray(told)) return undefined;
  return told.flatMap((each: Partial<QueueSlots> | null) => {
    const { queue, slots } = each ?? {};
    return typeof queue === 'string' && Number.isSafeInteger(slots) ? [{ queue, slots: Number(slots) }] : [];
  });
}
