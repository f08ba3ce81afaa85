import type { ServerResponse } from 'node:http';
import type { ListenerObserver } from '../../infrastructure/metrics/index.ts';
import { readEvents } from '../../shared/queue/bullmq-events.ts';
import type { QueueRedis } from '../../shared/queue/bullmq-schema.ts';
import type { EventFeed, WithinLimit } from './event-feed.ts';
import { type EventFilter, EventStream } from './event-stream.ts';
import type { ListenerLimit } from './listener-limit.ts';

const BEAT_MS = 10_000;
/** Then the client connects again, perhaps to another process. */
const MAX_AGE_MS = 10 * 60_000;

export interface EventStreamsOptions {
  readonly feed: EventFeed;
  /** A connection for request paths: it reads what a client has missed. */
  readonly queueRedis: QueueRedis;
  readonly withinLimit: WithinLimit;
  /** Of all queues. */
  readonly limit: ListenerLimit;
  readonly observer: Pick<ListenerObserver, 'streamEnded'>;
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

/** The open streams of one queue's events. */
export class EventStreams {
  readonly #options: EventStreamsOptions;
  /** With what tells whether each may go on. */
  readonly #streams = new Map<EventStream, () => Promise<void>>();
  readonly #beat: NodeJS.Timeout;

  constructor(options: EventStreamsOptions) {
    this.#options = options;
    this.#beat = setInterval(() => this.#beatAll(), BEAT_MS).unref();
  }

  /**
   * Sends events until somebody ends the stream. Resolves when it has begun. Throws, before it sends anything,
   * ASDLC_OVERLOADED, ASDLC_CLOSING and ASDLC_REDIS_UNAVAILABLE.
   */
  async open(response: ServerResponse, { filter, after, authorize, began }: StreamRequest): Promise<void> {
    const { feed, queueRedis, withinLimit, limit, observer } = this.#options;
    const leave = limit.take();
    const stream = new EventStream(response, {
      filter,
      after,
      ended: (reason) => {
        feed.leave(stream);
        leave();
        if (this.#streams.delete(stream)) observer.streamEnded(reason);
      },
    });
    try {
      await feed.join(stream);
    } catch (error) {
      leave();
      throw error;
    }
    if (response.destroyed) {
      leave(); // the client left meanwhile
      return feed.leave(stream);
    }
    this.#streams.set(stream, authorize);
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
