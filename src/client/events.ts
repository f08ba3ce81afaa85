import { AsdlcError } from '../shared/errors.ts';
import { noResponse } from './errors.ts';
import type { components } from './openapi.ts';
import { sleep } from './sleep.ts';

/** A task has this status now, or somebody removed it. */
export interface TaskEvent {
  readonly type: 'task';
  /** The place in the stream: hand it to `after` to go on from here. */
  readonly place: string;
  readonly id: string;
  readonly event_type: string;
  readonly status: components['schemas']['TaskEventStatus'];
  /** ISO 8601, by Redis's clock. */
  readonly time: string;
}

/** Events are missing before this one: read anew what you need. */
export interface EventGap {
  readonly type: 'gap';
  readonly place: string;
  readonly reason: 'trimmed' | 'reset' | 'too_many';
}

/** From here on each event comes as it happens. It comes again after each new connection. */
export interface EventsReady {
  readonly type: 'ready';
  readonly place: string;
}

export type StreamedEvent = TaskEvent | EventGap | EventsReady;

/** Opens a stream from a place on. Throws AsdlcError where the orchestrator refuses it, or does not answer. */
export type OpenStream = (after: string | undefined, signal: AbortSignal) => Promise<Response>;

export interface FollowOptions {
  readonly after?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** How long it tries to connect again before it throws. */
  readonly retryForMs: number;
}

/** A heartbeat comes every 10 s. */
const SILENCE_MS = 35_000;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

/** Yields events for ever. When the connection is lost or ends, it goes on with another one where it was. */
export async function* followEvents(
  open: OpenStream,
  { after, signal, retryForMs }: FollowOptions,
): AsyncGenerator<StreamedEvent, never, undefined> {
  let place = after;
  let failedAtMs: number | undefined;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    signal?.throwIfAborted();
    const silence = new Silence(SILENCE_MS);
    const ended = signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal]);
    try {
      const response = await open(place, ended);
      for await (const event of parseEvents(response, silence)) {
        failedAtMs = undefined;
        pauseMs = FIRST_PAUSE_MS;
        place = event.place;
        if (event.type !== 'beat') yield event;
      }
    } catch (error) {
      signal?.throwIfAborted();
      const failure = error instanceof AsdlcError ? error : noResponse('/api/events', String(error), error);
      failedAtMs ??= performance.now();
      if (!isPassing(failure) || performance.now() - failedAtMs > retryForMs) throw failure;
    } finally {
      silence.end();
    }
    await sleep(pauseMs * (0.5 + Math.random() / 2), signal);
  }
}

/** No answer, or one that tells to come again. */
function isPassing({ statusCode }: AsdlcError): boolean {
  return [0, 502, 503, 504].includes(statusCode);
}

/** Ends a connection on which nothing came for long. */
class Silence {
  readonly #limitMs: number;
  readonly #controller = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
    this.broken();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Something came. */
  broken(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#controller.abort(new Error('nothing came for 35 s')), this.#limitMs);
  }

  /** Also closes the connection of a stream that nobody reads any more. */
  end(): void {
    clearTimeout(this.#timer);
    this.#controller.abort();
  }
}

interface Beat {
  readonly type: 'beat';
  readonly place: string;
}

/** Reads server-sent events (WHATWG HTML, section 9.2), of which the orchestrator uses `id`, `event` and `data`. */
async function* parseEvents(response: Response, silence: Silence): AsyncGenerator<StreamedEvent | Beat> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { value, done } = (await reader?.read()) ?? { value: undefined, done: true };
    if (done) return;
    silence.broken();
    const blocks = (text + value).split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = parseEvent(block);
      if (event !== undefined) yield event;
    }
  }
}

function parseEvent(block: string): StreamedEvent | Beat | undefined {
  const fields = new Map(block.split('\n').map((line) => line.split(/: ?(.*)/s, 2) as [string, string]));
  const place = fields.get('id');
  if (place === undefined) return undefined;
  const data = JSON.parse(fields.get('data') ?? '{}') as object;
  const type = fields.get('event');
  if (type === 'task' || type === 'gap' || type === 'ready') return { ...data, type, place } as StreamedEvent; // as the API describes it
  return { type: 'beat', place };
}
