import type { ServerResponse } from 'node:http';
import type { ListenerObserver } from '../../infrastructure/metrics/index.ts';
import { overloaded } from '../../shared/errors.ts';
import { readEvents } from '../../shared/queue/bullmq-events.ts';
import type { QueueRedis } from '../../shared/queue/bullmq-schema.ts';
import type { EventFeed, WithinLimit } from './event-feed.ts';
import { type EventFilter, EventStream } from './event-stream.ts';

/** Streams of this process at once. */
const MAX_STREAMS = 100;
const BEAT_MS = 10_000;
/** Then the client connects again, perhaps to another process. */
const MAX_AGE_MS = 10 * 60_000;

export interface EventStreamsOptions {
  readonly feed: EventFeed;
  /** A connection for request paths: it reads what a client has missed. */
  readonly queueRedis: QueueRedis;
  readonly withinLimit: WithinLimit;
  readonly observer: ListenerObserver;
}

export interface StreamRequest {
  readonly filter: EventFilter;
  /** The place after which the client wants to go on. */
  readonly after?: string | undefined;
  /** Rejects once the client's token may read tasks no more. */
  readonly authorize: () => Promise<void>;
  /** Called once, when the stream begins. */
  readonly began: () => void;
}

/** The open streams of events. */
export class EventStreams {
  readonly #options: EventStreamsOptions;
  /** With what tells whether each may go on. */
  readonly #streams = new Map<EventStream, () => Promise<void>>();
  readonly #beat: NodeJS.Timeout;
  #opening = 0;

  constructor(options: EventStreamsOptions) {
    this.#options = options;
    this.#beat = setInterval(() => this.#beatAll(), BEAT_MS).unref();
  }

  /** How many are open. */
  get size(): number {
    return this.#streams.size;
  }

  /**
   * Sends events until somebody ends the stream. Resolves when it has begun. Throws, before it sends anything,
   * ASDLC_OVERLOADED, ASDLC_CLOSING and ASDLC_REDIS_UNAVAILABLE.
   */
  async open(response: ServerResponse, { filter, after, authorize, began }: StreamRequest): Promise<void> {
    const { feed, queueRedis, withinLimit, observer } = this.#options;
    if (this.#streams.size + this.#opening >= MAX_STREAMS)
      throw overloaded('too many open streams of events');
    const stream = new EventStream(response, {
      filter,
      after,
      ended: (reason) => {
        feed.leave(stream);
        if (!this.#streams.delete(stream)) return;
        observer.changed('stream', this.size);
        observer.streamEnded(reason);
      },
    });
    this.#opening += 1;
    try {
      await feed.join(stream);
    } finally {
      this.#opening -= 1;
    }
    if (response.destroyed) return feed.leave(stream); // the client left meanwhile
    this.#streams.set(stream, authorize);
    observer.changed('stream', this.size);
    began();
    const read = (place: string) => withinLimit(() => readEvents(queueRedis.redis, queueRedis.keyOf, place));
    stream.begin(read).catch(() => stream.end('redis'));
  }

  /** Ends all streams, and refuses further ones as the feed does. */
  close(): void {
    clearInterval(this.#beat);
    for (const stream of [...this.#streams.keys()]) stream.end('stop');
  }

  #beatAll(): void {
    const oldestMs = performance.now() - MAX_AGE_MS;
    for (const [stream, authorize] of [...this.#streams]) {
      if (stream.openedAtMs < oldestMs) stream.end('age');
      else
        authorize().then(
          () => stream.beat(),
          () => stream.end('token'),
        );
    }
  }
}
