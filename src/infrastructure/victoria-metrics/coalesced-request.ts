import type { Readable } from 'node:stream';
import { QueryError } from '../../shared/errors.ts';
import { inTurn } from '../../shared/service/loop-turns.ts';
import type { ResponseFlow } from './http/connection-pool.ts';
import type { QueryResponse } from './query-response.ts';
import { parseData } from './query-result.ts';
import type { ResponseReader } from './response-handler.ts';
import { SharedStream } from './shared-stream.ts';

/**
 * Bodies up to this size are buffered: one that breaks off becomes an error response, not half a body. A body that is
 * parsed is always buffered; the response handler limits it.
 */
const MAX_BUFFERED_BYTES = 256 * 1024;

/** A caller's part in a request. */
export interface Joined {
  /** Rejects with a QueryError. */
  readonly response: Promise<QueryResponse>;
  /** Ends the caller's part, before it has the response or while it reads. Without a reason the caller went away. */
  leave(reason?: QueryError): void;
}

interface Caller {
  resolve(response: QueryResponse): void;
  reject(error: unknown): void;
  stream?: Readable;
}

/**
 * One request to the TSDB for any number of callers. Callers may join until they get the response. The request goes on
 * when one of them leaves, and is aborted when all have left. All get the pieces of a small body. A large body is
 * streamed to them, no faster than they read.
 */
export class CoalescedRequest implements ResponseReader {
  readonly #callers = new Set<Caller>();
  readonly #onClosed: () => void;
  readonly #isParsed: boolean;
  readonly #over = Promise.withResolvers<Error | undefined>();
  #flow: ResponseFlow | undefined;
  #state: 'joinable' | 'streaming' | 'over' = 'joinable';
  #gzip = false;
  #stream: SharedStream | undefined;
  /** The body as far as it has come, until it is too large to be buffered. */
  #chunks: Buffer[] = [];
  #size = 0;

  /** `onClosed` is called once, when nobody can join any more. `isParsed`: callers get the body's data too. */
  constructor(onClosed: () => void, isParsed: boolean) {
    this.#onClosed = onClosed;
    this.#isParsed = isParsed;
  }

  /** Resolves when the whole response has come, or with the error that ended the request. */
  get ended(): Promise<Error | undefined> {
    return this.#over.promise;
  }

  /** Sends the request with `ask`, unless it is over already. */
  send(ask: (reader: ResponseReader) => ResponseFlow): void {
    if (this.#state === 'joinable') this.#flow = ask(this);
  }

  /** Adds a caller. */
  join(): Joined {
    const { promise: response, resolve, reject } = Promise.withResolvers<QueryResponse>();
    const caller: Caller = { resolve, reject };
    this.#callers.add(caller);
    const leave = (reason = new QueryError('canceled', 'The caller went away.')) => {
      reject(reason);
      caller.stream?.destroy(reason);
      this.#leave(caller);
    };
    return { response, leave };
  }

  begin(gzip: boolean): void {
    this.#gzip = gzip;
  }

  chunk(chunk: Buffer): void {
    if (this.#stream !== undefined) {
      this.#stream.write(chunk);
      return;
    }
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size > MAX_BUFFERED_BYTES && !this.#isParsed) this.#startStream();
  }

  end(): void {
    if (this.#stream !== undefined) {
      this.#stream.end();
      this.#become('over');
      return;
    }
    const body = this.#chunks;
    this.#chunks = [];
    if (!this.#isParsed) this.#resolve({ gzip: this.#gzip, body });
    // Until it is parsed the request keeps its place: so few bodies wait for their turn.
    else {
      inTurn(() => this.#state === 'joinable' && parseData(body)).then(
        (data) => data && this.#resolve({ gzip: this.#gzip, body, data }),
        (error) => this.fail(error),
      );
    }
  }

  #resolve(response: QueryResponse): void {
    if (this.#state === 'over') return;
    for (const caller of this.#callers) caller.resolve(response);
    this.#callers.clear();
    this.#become('over');
  }

  /** Ends the request with an error for every caller. */
  fail(error: Error): void {
    if (this.#state === 'over') return;
    this.#become('over', error);
    for (const caller of this.#callers) {
      caller.reject(error);
      caller.stream?.destroy(error);
    }
    this.#callers.clear();
    this.#flow?.abort();
  }

  #become(state: 'streaming' | 'over', error?: Error): void {
    if (this.#state === 'joinable') this.#onClosed();
    if (state === 'over') this.#over.resolve(error);
    this.#state = state;
  }

  #leave(caller: Caller): void {
    if (this.#callers.delete(caller) && this.#callers.size === 0) {
      this.fail(new QueryError('canceled', 'Every caller went away.'));
    }
  }

  #startStream(): void {
    this.#become('streaming');
    const shared = new SharedStream(this.#flow, MAX_BUFFERED_BYTES);
    this.#stream = shared;
    for (const caller of this.#callers) {
      caller.stream = shared.open(() => this.#leave(caller));
      caller.resolve({ gzip: this.#gzip, body: caller.stream });
    }
    for (const chunk of this.#chunks) shared.write(chunk);
    this.#chunks = [];
  }
}
