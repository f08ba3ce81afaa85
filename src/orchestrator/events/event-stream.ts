import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type {
  EventGap,
  GapReason,
  TaskEvent,
  TaskEventStatus,
} from '../../shared/http-contract/task-events.ts';
import {
  comparePlaces,
  type EventPage,
  type StoredEvent,
  timeOfPlace,
} from '../../shared/queue/bullmq-events.ts';
import { type FeedListener, gapBefore } from './event-feed.ts';

/** A client that has not taken so many bytes is cut off. */
const MAX_BUFFERED_BYTES = 512 * 1024;
/** While a client catches up, it must take each page within this. */
const CATCH_UP_LIMIT_MS = 10_000;
/** Events a second, and at once after a pause. */
const EVENTS_PER_SECOND = 2_000;
/** The client connects again after this. */
const RETRY_MS = 2_000;

/** Why a stream ended. */
export type StreamEnd = 'client' | 'slow' | 'redis' | 'stop' | 'age' | 'token';

export interface EventFilter {
  readonly event_type?: string | undefined;
  readonly status?: TaskEventStatus | undefined;
  readonly id?: string | undefined;
}

/** One client's stream of server-sent events (WHATWG HTML, section 9.2). */
export class EventStream implements FeedListener {
  readonly openedAtMs = performance.now();
  readonly #response: ServerResponse;
  readonly #filter: EventFilter;
  readonly #ended: (reason: StreamEnd) => void;
  #place: string | undefined;
  #feedPlace = '0-0';
  #isLive = false;
  #isOver = false;
  #allowance = EVENTS_PER_SECOND;
  #refilledAtMs = performance.now();

  /** `ended` is called once. */
  constructor(
    response: ServerResponse,
    {
      filter,
      after,
      ended,
    }: { filter: EventFilter; after?: string | undefined; ended: (reason: StreamEnd) => void },
  ) {
    this.#response = response;
    this.#filter = filter;
    this.#place = after;
    this.#ended = ended;
    response.once('close', () => this.#end('client'));
  }

  joined(place: string): void {
    this.#feedPlace = place;
  }

  /** Sends what comes from now on, or first what the client has missed. Call it after `joined`. */
  async begin(read: (after: string) => Promise<EventPage>): Promise<void> {
    this.#response.write(`retry: ${RETRY_MS}\n\n`);
    if (this.#place === undefined) this.#goLive(this.#feedPlace);
    else await this.#catchUp(this.#place, read);
  }

  onEvents(events: readonly StoredEvent[], place: string): void {
    this.#feedPlace = place;
    if (!this.#isLive || this.#isOver) return;
    const fresh = events.filter((event) => this.#isWanted(event) && this.#isNew(event.place));
    this.#place = place;
    if (fresh.length === 0) return;
    if (this.#take(fresh.length)) this.#send(fresh.map(textOf).join(''));
    else this.#sendGap('too_many', place);
  }

  onGap(reason: GapReason, place: string): void {
    this.#feedPlace = place;
    if (!this.#isLive) return;
    this.#place = place;
    this.#sendGap(reason, place);
  }

  onEnd(): void {
    this.end('redis');
  }

  /** Says that the connection is there, and moves the place on from which the client may resume. */
  beat(): void {
    if (this.#isLive) this.#send(`: beat\nid: ${this.#place}\n\n`);
  }

  /** Ends the stream in order. The client connects again. */
  end(reason: StreamEnd): void {
    this.#response.end();
    this.#end(reason);
  }

  /** Ends before the first live event are the caller's: what it throws ends the stream. */
  async #catchUp(after: string, read: (after: string) => Promise<EventPage>): Promise<void> {
    for (let place = after; !this.#isOver; ) {
      const page = await read(place);
      const gap = gapBefore(page, place);
      place = gap === 'reset' ? page.newest : page.place;
      if (gap !== undefined) this.#sendGap(gap, gap === 'reset' ? place : page.oldest);
      const wanted = page.events.filter((event) => this.#isWanted(event));
      if (wanted.length > 0) this.#response.write(wanted.map(textOf).join(''));
      if (!page.isMore && comparePlaces(place, this.#feedPlace) >= 0) return this.#goLive(place);
      if (this.#response.writableNeedDrain && !(await this.#hasDrained())) return this.#cutOff();
    }
  }

  async #hasDrained(): Promise<boolean> {
    return once(this.#response, 'drain', { signal: AbortSignal.timeout(CATCH_UP_LIMIT_MS) }).then(
      () => true,
      () => false,
    );
  }

  /** From now on the client knows of each event. */
  #goLive(place: string): void {
    this.#place = place;
    this.#isLive = true;
    this.#send(`id: ${place}\nevent: ready\ndata: {}\n\n`);
  }

  #isWanted({ id, eventType, status }: StoredEvent): boolean {
    const filter = this.#filter;
    return (
      (filter.id === undefined || filter.id === id) &&
      (filter.status === undefined || filter.status === status) &&
      (filter.event_type === undefined || filter.event_type === eventType)
    );
  }

  /** The feed may be behind what the client caught up with. */
  #isNew(place: string): boolean {
    return this.#place === undefined || comparePlaces(place, this.#place) > 0;
  }

  #take(count: number): boolean {
    const nowMs = performance.now();
    const refill = ((nowMs - this.#refilledAtMs) / 1000) * EVENTS_PER_SECOND;
    this.#allowance = Math.min(EVENTS_PER_SECOND, this.#allowance + refill);
    this.#refilledAtMs = nowMs;
    if (count > this.#allowance) return false;
    this.#allowance -= count;
    return true;
  }

  #sendGap(reason: GapReason, place: string): void {
    const gap: EventGap = { reason };
    this.#send(`id: ${place}\nevent: gap\ndata: ${JSON.stringify(gap)}\n\n`);
  }

  #send(text: string): void {
    if (this.#isOver) return;
    this.#response.write(text);
    if (this.#response.writableLength > MAX_BUFFERED_BYTES) this.#cutOff();
  }

  #cutOff(): void {
    this.#end('slow');
    this.#response.destroy();
  }

  #end(reason: StreamEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#isLive = false;
    this.#ended(reason);
  }
}

/** A hundred clients may get the same event. */
const texts = new WeakMap<StoredEvent, string>();

function textOf(event: StoredEvent): string {
  const known = texts.get(event);
  if (known !== undefined) return known;
  const { place, id, eventType, status } = event;
  const time = new Date(timeOfPlace(place)).toISOString();
  const told: TaskEvent = { id, event_type: eventType, status, time };
  const text = `id: ${place}\nevent: task\ndata: ${JSON.stringify(told)}\n\n`;
  texts.set(event, text);
  return text;
}
