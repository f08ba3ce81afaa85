import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { closing, redisUnavailable } from '../../shared/errors.ts';
import type { GapReason } from '../../shared/http-contract/task-events.ts';
import {
  comparePlaces,
  type EventPage,
  readEvents,
  type StoredEvent,
  waitForEvent,
} from '../../shared/queue/bullmq-events.ts';
import type { KeyOf } from '../../shared/queue/bullmq-schema.ts';

/** A blocking read ends after this, so that the feed learns that nobody listens any more. */
const BLOCK_MS = 2_000;
/** Events of this long are read together. */
const GATHER_MS = 50;
/** More than these in one go are not read: listeners learn of a gap. */
const PAGES_AT_ONCE = 10;

/** Who wants to know of events. No method may throw. */
export interface FeedListener {
  /** The events after this place are what comes. Called once, before any other. */
  joined(place: string): void;
  /** `place` is where the feed is then. `events` may be empty. */
  onEvents(events: readonly StoredEvent[], place: string): void;
  /** Events up to this place are missing. */
  onGap(reason: GapReason, place: string): void;
  /** Redis is away, or the process stops. Nothing comes any more. */
  onEnd(): void;
}

/** Does work on Redis. Throws ASDLC_REDIS_UNAVAILABLE when no answer comes in time, or none can. */
export type WithinLimit = <T>(work: () => Promise<T>) => Promise<T>;

export interface EventFeedOptions {
  /** Makes the one connection for blocking reads, when somebody first listens. */
  readonly connect: () => Redis;
  readonly keyOf: KeyOf;
  readonly withinLimit: WithinLimit;
}

/** Follows what happens to tasks, for any number of listeners: one blocking read, and none while nobody listens. */
export class EventFeed {
  readonly #options: EventFeedOptions;
  readonly #listeners = new Set<FeedListener>();
  #redis: Redis | undefined;
  #place = '';
  #started: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: EventFeedOptions) {
    this.#options = options;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Throws ASDLC_CLOSING during a stop, and ASDLC_REDIS_UNAVAILABLE while Redis is away. */
  async join(listener: FeedListener): Promise<void> {
    if (this.#isClosed) throw closing();
    this.#started ??= this.#start();
    await this.#options.withinLimit(() => this.#started ?? Promise.resolve());
    if (this.#isClosed) throw closing();
    if (this.#started === undefined) throw redisUnavailable();
    this.#listeners.add(listener);
    listener.joined(this.#place);
  }

  leave(listener: FeedListener): void {
    this.#listeners.delete(listener);
  }

  /** Ends the feed for all listeners. */
  close(): void {
    this.#isClosed = true;
    this.#end();
    this.#redis?.disconnect();
  }

  async #start(): Promise<void> {
    try {
      this.#redis ??= this.#options.connect();
      this.#place = (await readEvents(this.#redis, this.#options.keyOf, '$')).place;
    } catch (error) {
      this.#started = undefined;
      throw error;
    }
    // Those who wait for the start join first: else the feed would end as nobody listens.
    setImmediate(() => void this.#follow());
  }

  async #follow(): Promise<void> {
    const { keyOf } = this.#options;
    try {
      while (this.#redis && !this.#isClosed && this.#listeners.size > 0) {
        await waitForEvent(this.#redis, keyOf, this.#place, BLOCK_MS);
        await this.#readNew(this.#redis);
        await sleep(GATHER_MS, undefined, { ref: false });
      }
      this.#started = undefined;
    } catch {
      this.#end(); // listeners look again, and so learn what is wrong with Redis
    }
  }

  async #readNew(redis: Redis): Promise<void> {
    const { keyOf } = this.#options;
    for (let page = 1; ; page += 1) {
      const before = this.#place;
      const read = await readEvents(redis, keyOf, before);
      this.#place = read.place;
      const gap = gapBefore(read, before);
      if (gap === 'reset') this.#place = read.newest;
      if (gap !== undefined) this.#tell((listener) => listener.onGap(gap, this.#place));
      this.#tell((listener) => listener.onEvents(read.events, this.#place));
      if (!read.isMore) return;
      if (page < PAGES_AT_ONCE) continue;
      this.#place = read.newest;
      this.#tell((listener) => listener.onGap('too_many', this.#place));
      return;
    }
  }

  #end(): void {
    this.#started = undefined;
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener.onEnd();
  }

  #tell(tell: (listener: FeedListener) => void): void {
    for (const listener of this.#listeners) tell(listener);
  }
}

/** Whether a read after `place` found that events after it are gone. `0-0` is before all that is kept. */
export function gapBefore({ oldest, newest }: EventPage, place: string): GapReason | undefined {
  if (place === '0-0') return undefined;
  if (comparePlaces(place, newest) > 0) return 'reset';
  return comparePlaces(place, oldest) < 0 ? 'trimmed' : undefined;
}
