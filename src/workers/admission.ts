import type { Redis } from 'ioredis';
import type { HandlerSettings } from './handler.ts';

/** How long a task waits that was refused because its type has all the slots it may have here. */
const BUSY_RETRY_MS = 250;

/** Counts a start in the current window; answers 0, or the milliseconds until the window ends when it is full. */
const COUNT_START = `
local starts = redis.call('INCR', KEYS[1])
if starts == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
if starts <= tonumber(ARGV[1]) then return 0 end
return math.max(1, redis.call('PTTL', KEYS[1]))
`;

export type Admission = { readonly release: () => void } | { readonly retryInMs: number };

/** Holds event types to their own limits: concurrency in this process, rate over all processes. */
export class AdmissionControl {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #settings: Readonly<Record<string, HandlerSettings>>;
  readonly #running = new Map<string, number>();

  constructor(redis: Redis, prefix: string, settings: Readonly<Record<string, HandlerSettings>>) {
    this.#redis = redis;
    this.#prefix = prefix;
    this.#settings = settings;
  }

  /** Lets a task of the type start now, or tells when to try again. */
  async enter(eventType: string): Promise<Admission> {
    const { concurrency = Number.POSITIVE_INFINITY, rate } = this.#settings[eventType] ?? {};
    const running = this.#running.get(eventType) ?? 0;
    if (running >= concurrency) return { retryInMs: BUSY_RETRY_MS };
    this.#running.set(eventType, running + 1);
    const release = () => void this.#running.set(eventType, (this.#running.get(eventType) ?? 1) - 1);
    if (rate === undefined) return { release };
    const key = `${this.#prefix}:rate:${eventType}`;
    const starts = this.#redis.eval(COUNT_START, 1, key, rate.max, Math.ceil(rate.seconds * 1000));
    const retryInMs = await starts.then(Number, (error: unknown) => {
      release();
      throw error;
    });
    if (retryInMs === 0) return { release };
    release();
    return { retryInMs };
  }
}
