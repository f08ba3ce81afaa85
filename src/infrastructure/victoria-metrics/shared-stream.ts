import { PassThrough, type Readable } from 'node:stream';
import { QueryError } from '../../shared/errors.ts';
import type { ResponseFlow } from './http/connection-pool.ts';

/** How long one caller may read nothing, and for how long in all it may make the others wait. */
const STALL_MS = 5_000;

interface Outlet {
  readonly stream: PassThrough;
  /** How long the other callers have waited for this one so far. */
  heldUpMs: number;
}

/** One body for several callers. It flows no faster than all of them read; one that reads too slowly is cut off. */
export class SharedStream {
  readonly #flow: ResponseFlow | undefined;
  readonly #bufferBytes: number;
  readonly #outlets = new Set<Outlet>();
  #isPaused = false;

  /** `bufferBytes`: how much each caller may be behind the TSDB. */
  constructor(flow: ResponseFlow | undefined, bufferBytes: number) {
    this.#flow = flow;
    this.#bufferBytes = bufferBytes;
  }

  /** Returns a stream of all that is written from now on. `onClosed`: it ended, or its caller left. */
  open(onClosed: () => void): Readable {
    const outlet = { stream: new PassThrough({ highWaterMark: this.#bufferBytes }), heldUpMs: 0 };
    this.#outlets.add(outlet);
    // Without a listener an error would be thrown when the caller left before it looked at its stream.
    outlet.stream
      .once('error', () => undefined)
      .once('close', () => {
        this.#outlets.delete(outlet);
        onClosed();
      });
    return outlet.stream;
  }

  /** Writes to all callers. The TSDB waits until each of them can take more. */
  write(chunk: Buffer): void {
    const full: Outlet[] = [];
    for (const outlet of this.#outlets) if (!outlet.stream.write(chunk)) full.push(outlet);
    // Some chunks still come after a pause: they are no further stall.
    if (full.length === 0 || this.#isPaused) return;
    this.#isPaused = true;
    this.#flow?.pause();
    const others = this.#outlets.size - full.length;
    void untilDrained(full, others > 0).then(() => {
      this.#isPaused = false;
      this.#flow?.resume();
    });
  }

  end(): void {
    for (const { stream } of this.#outlets) stream.end();
  }
}

/** Adds to each full outlet the time that others waited for it: since the first of all callers could take more. */
async function untilDrained(full: readonly Outlet[], othersWait: boolean): Promise<void> {
  let waitingSince = othersWait ? performance.now() : Number.POSITIVE_INFINITY;
  await Promise.all(
    full.map(async (outlet) => {
      await drained(outlet.stream, STALL_MS - outlet.heldUpMs);
      const now = performance.now();
      waitingSince = Math.min(waitingSince, now);
      outlet.heldUpMs += now - waitingSince;
    }),
  );
}

/** Waits until the stream can take more. A stream that takes nothing within the limit is ended. */
function drained(stream: PassThrough, limitMs: number): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed) return resolve();
    const timer = setTimeout(() => {
      stream.destroy(new QueryError('canceled', 'The caller reads too slowly.'));
    }, limitMs).unref();
    const end = () => {
      clearTimeout(timer);
      stream.off('drain', end).off('close', end); // a large body waits hundreds of times
      resolve();
    };
    stream.once('drain', end).once('close', end);
  });
}
