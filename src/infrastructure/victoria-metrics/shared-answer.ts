import { PassThrough, type Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { QueryError } from '../../shared/errors.ts';
import type { UpstreamAnswer } from './upstream.ts';

/** Bodies up to this size are taken whole before they are answered, so that a break-off is an error answer. */
export const WHOLE_BYTES = 256 * 1024;

/** How long a caller that reads slowly may hold up others that share its answer. */
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
}

/**
 * One request to the TSDB for any number of callers. They may join until the answer is handed out; one that leaves
 * does not end it for the others, and when all have left it is aborted. A small body goes to all as one Buffer; a
 * large one is streamed to those who are there, no faster than they read.
 */
export class SharedAnswer {
  readonly #callers = new Set<Caller>();
  readonly #controller = new AbortController();
  readonly #onClosed: () => void;
  #joinable = true;

  /** `onClosed` is called once, when nobody can join any more. */
  constructor(onClosed: () => void) {
    this.#onClosed = onClosed;
  }

  /** Asks, and gives the answer or the error to the callers. Settles when the body has ended; never rejects. */
  async run(ask: (signal: AbortSignal) => Promise<UpstreamAnswer>): Promise<void> {
    try {
      const { gzip, body } = await ask(this.#controller.signal);
      const iterator = body[Symbol.asyncIterator]();
      const { chunks, ended } = await readBeginning(iterator);
      if (ended) this.#hand({ gzip, body: Buffer.concat(chunks) });
      else await this.#stream(gzip, chunks, iterator);
    } catch (error) {
      this.fail(error);
    }
  }

  /** The answer. When `signal` aborts first, the caller has left, and gets the signal's reason. */
  join(signal: AbortSignal): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const caller: Caller = { resolve, reject };
      this.#callers.add(caller);
      const leave = () => {
        reject(signal.reason);
        caller.output?.destroy(signal.reason);
        this.#leave(caller);
      };
      signal.addEventListener('abort', leave, { once: true });
      if (signal.aborted) leave();
    });
  }

  /** Ends it with an error for everyone. */
  fail(error: unknown): void {
    this.#close();
    for (const caller of this.#callers) {
      caller.reject(error);
      caller.output?.destroy(error as Error); // only errors are thrown here
    }
    this.#callers.clear();
    this.#controller.abort(error);
  }

  #close(): void {
    if (!this.#joinable) return;
    this.#joinable = false;
    this.#onClosed();
  }

  #leave(caller: Caller): void {
    if (this.#callers.delete(caller) && this.#callers.size === 0) {
      this.fail(new QueryError('canceled', 'Every caller went away.'));
    }
  }

  #hand(answer: Answer): void {
    this.#close();
    for (const caller of this.#callers) caller.resolve(answer);
    this.#callers.clear();
  }

  async #stream(
    gzip: boolean,
    chunks: readonly Buffer[],
    iterator: AsyncIterator<Buffer, unknown>,
  ): Promise<void> {
    this.#close();
    for (const caller of this.#callers) {
      const output = new PassThrough({ highWaterMark: WHOLE_BYTES });
      caller.output = output;
      // Also keeps an error from being thrown when the caller left before it looked at its stream.
      output.once('error', () => undefined).once('close', () => this.#leave(caller));
      caller.resolve({ gzip, body: output });
    }
    for (const chunk of chunks) await this.#write(chunk);
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      await this.#write(next.value);
    }
    for (const { output } of this.#callers) output?.end();
  }

  /** Writes to all, and waits until all can take more. Who holds up others for too long is cut off. */
  async #write(chunk: Buffer): Promise<void> {
    const full: PassThrough[] = [];
    for (const { output } of this.#callers) if (output?.write(chunk) === false) full.push(output);
    if (full.length === 0) return;
    const drained = Promise.all(full.map(untilDrained));
    if (this.#callers.size === 1) {
      await drained;
      return;
    }
    const stop = new AbortController();
    await Promise.race([drained, sleep(STALL_MS, undefined, { signal: stop.signal }).catch(() => undefined)]);
    stop.abort();
    for (const output of full) {
      if (output.writableNeedDrain)
        output.destroy(new QueryError('canceled', 'The caller reads too slowly.'));
    }
  }
}

async function readBeginning(iterator: AsyncIterator<Buffer, unknown>) {
  const chunks: Buffer[] = [];
  let size = 0;
  while (size <= WHOLE_BYTES) {
    const next = await iterator.next();
    if (next.done) return { chunks, ended: true };
    chunks.push(next.value);
    size += next.value.length;
  }
  return { chunks, ended: false };
}

function untilDrained(output: PassThrough): Promise<void> {
  return new Promise((resolve) => {
    if (output.destroyed) resolve();
    else output.once('drain', resolve).once('close', resolve);
  });
}
