import { PassThrough, type Readable } from 'node:stream';
import { QueryError } from '../../shared/errors.ts';
import type { Flow, Reader } from './response-handler.ts';

/** Bodies up to this size are taken whole before they are answered, so that a break-off is an error answer. */
export const WHOLE_BYTES = 256 * 1024;

/** How long a caller may take nothing; and how long in all it may hold up others that share its answer. */
const STALL_MS = 5_000;

export interface Answer {
  readonly gzip: boolean;
  /** A Buffer is shared between callers: not to be written to. */
  readonly body: Buffer | Readable;
}

interface Caller {
  resolve(answer: Answer): void;
  reject(error: unknown): void;
  output?: PassThrough;
  /** For how long others have waited for it. */
  heldUpMs: number;
}

/**
 * One request to the TSDB for any number of callers. They may join until the answer is handed out; one that leaves
 * does not end it for the others, and when all have left it is aborted. A small body goes to all as one Buffer; a
 * large one is streamed to those who are there, no faster than they read.
 */
export class SharedAnswer implements Reader {
  readonly #callers = new Set<Caller>();
  readonly #onClosed: () => void;
  readonly #over = Promise.withResolvers<Error | undefined>();
  readonly #controller = new AbortController();
  #flow: Flow | undefined;
  #state: 'joinable' | 'streaming' | 'over' = 'joinable';
  #gzip = false;
  /** What came of a body that may yet be taken whole. */
  #chunks: Buffer[] = [];
  #size = 0;

  /** `onClosed` is called once, when nobody can join any more. */
  constructor(onClosed: () => void) {
    this.#onClosed = onClosed;
  }

  /** Resolves when the TSDB has answered all, or with an error. */
  get ended(): Promise<Error | undefined> {
    return this.#over.promise;
  }

  /** Aborts on an error, as when every caller has left. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Reads what `ask` is told to give to the reader; asks nothing when it is over already. */
  read(ask: (reader: Reader) => Flow): void {
    if (this.#state === 'joinable') this.#flow = ask(this);
  }

  /** The answer, and a function for a caller that leaves before it has it, or amid it. */
  join(): { readonly answer: Promise<Answer>; leave(reason: QueryError): void } {
    const { promise: answer, resolve, reject } = Promise.withResolvers<Answer>();
    const caller: Caller = { resolve, reject, heldUpMs: 0 };
    this.#callers.add(caller);
    const leave = (reason: QueryError) => {
      reject(reason);
      caller.output?.destroy(reason);
      this.#leave(caller);
    };
    return { answer, leave };
  }

  begin(gzip: boolean): void {
    this.#gzip = gzip;
  }

  chunk(chunk: Buffer): void {
    if (this.#state === 'streaming') {
      this.#write(chunk);
      return;
    }
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size > WHOLE_BYTES) this.#stream();
  }

  end(): void {
    if (this.#state === 'streaming') for (const { output } of this.#callers) output?.end();
    else {
      const answer = { gzip: this.#gzip, body: joined(this.#chunks, this.#size) };
      for (const caller of this.#callers) caller.resolve(answer);
      this.#callers.clear();
    }
    this.#become('over');
  }

  /** Ends it with an error for everyone. */
  fail(error: Error): void {
    if (this.#state === 'over') return;
    this.#become('over', error);
    for (const caller of this.#callers) {
      caller.reject(error);
      caller.output?.destroy(error);
    }
    this.#callers.clear();
    this.#flow?.abort(error);
    this.#controller.abort(error);
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

  #stream(): void {
    this.#become('streaming');
    for (const caller of this.#callers) {
      const output = new PassThrough({ highWaterMark: WHOLE_BYTES });
      caller.output = output;
      // Also keeps an error from being thrown when the caller left before it looked at its stream.
      output.once('error', () => undefined).once('close', () => this.#leave(caller));
      caller.resolve({ gzip: this.#gzip, body: output });
    }
    this.#write(joined(this.#chunks, this.#size));
    this.#chunks = [];
  }

  /** Writes to all, and has the TSDB wait until all can take more. */
  #write(chunk: Buffer): void {
    const full: Caller[] = [];
    for (const caller of this.#callers) if (caller.output?.write(chunk) === false) full.push(caller);
    if (full.length === 0) return;
    this.#flow?.pause();
    const others = this.#callers.size - full.length;
    void this.#untilDrained(full, others > 0).then(() => this.#flow?.resume());
  }

  async #untilDrained(full: readonly Caller[], othersWait: boolean): Promise<void> {
    let waitingSince = othersWait ? performance.now() : Number.POSITIVE_INFINITY;
    await Promise.all(
      full.map(async (caller) => {
        await drained(caller.output, STALL_MS - caller.heldUpMs);
        const now = performance.now();
        waitingSince = Math.min(waitingSince, now);
        caller.heldUpMs += now - waitingSince;
      }),
    );
  }
}

function joined(chunks: readonly Buffer[], size: number): Buffer {
  const [first = Buffer.alloc(0)] = chunks;
  return chunks.length > 1 ? Buffer.concat(chunks, size) : first;
}

/** Waits until the stream can take more. One that takes nothing until the limit is ended. */
function drained(output: PassThrough | undefined, limitMs: number): Promise<void> {
  return new Promise((resolve) => {
    if (output === undefined || output.destroyed) return resolve();
    const timer = setTimeout(() => {
      output.destroy(new QueryError('canceled', 'The caller reads too slowly.'));
    }, limitMs).unref();
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    output.once('drain', end).once('close', end);
  });
}
