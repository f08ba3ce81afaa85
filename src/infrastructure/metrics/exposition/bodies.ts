import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import { Instrument, type Snapshot } from '../instruments/instrument.ts';
import type { LabelValue } from '../series/labels.ts';
import type { Format } from './accept.ts';
import { ByteWriter } from './byte-writer.ts';
import { ENDINGS, formatSnapshot } from './exposition.ts';
import { FamilyRendering } from './family-rendering.ts';

/** A metric of another make, by the client's contract. */
interface ForeignMetric {
  readonly name: string;
  readonly type: string;
  readonly aggregator?: string;
  get(): Promise<Snapshot> | Snapshot;
}

export type AnyMetric = Instrument<string> | ForeignMetric;

/** How long a rendering may hold the event loop before others have their turn. */
const SLICE_MS = 2;

/** A body's buffer is this much larger than the last body, so that it seldom has to grow. */
const GROWTH_ROOM = 1.1;
const MIN_BODY_BYTES = 16 * 1024;

/** Writes the bodies of one registry's scrapes, each made from the last where a family has one. */
export class Bodies {
  #defaultLabels: Readonly<Record<string, LabelValue>> = {};
  #renderings = createRenderings();
  #turn: Promise<unknown> = Promise.resolve();
  #largestBytes = 0;

  /** Makes the next bodies anew, with these default labels. */
  forget(defaultLabels: Readonly<Record<string, LabelValue>>): void {
    this.#defaultLabels = defaultLabels;
    this.#renderings = createRenderings();
  }

  /** The metrics' body; of other makes' metrics, those that answered. One body is written after the other. */
  write(
    metrics: readonly AnyMetric[],
    answers: ReadonlyMap<object, unknown>,
    format: Format,
  ): Promise<Buffer> {
    const written = this.#turn.then(() => this.#write(metrics, answers, format));
    this.#turn = written.catch(() => undefined);
    return written;
  }

  /** In slices, the event loop free between them; a series is always within one slice. */
  async #write(
    metrics: readonly AnyMetric[],
    answers: ReadonlyMap<object, unknown>,
    format: Format,
  ): Promise<Buffer> {
    const out = new ByteWriter(Math.ceil(this.#largestBytes * GROWTH_ROOM) + MIN_BODY_BYTES);
    let sliceStartMs = performance.now();
    try {
      for (const metric of metrics) {
        for (const _ of this.#writeMetric(metric, answers.get(metric), format, out)) {
          if (performance.now() - sliceStartMs < SLICE_MS) continue;
          await yieldToEventLoop();
          sliceStartMs = performance.now();
        }
      }
    } catch (error) {
      this.#renderings = createRenderings(); // some of them point into a body that will not be
      throw error;
    }
    out.writeText(ENDINGS[format]);
    this.#largestBytes = Math.max(out.length, this.#largestBytes);
    return out.written();
  }

  *#writeMetric(metric: AnyMetric, answer: unknown, format: Format, out: ByteWriter): Generator<void, void> {
    if (metric instanceof Instrument) {
      yield* this.#renderingOf(metric, format).render(out);
    } else if (answer !== undefined) {
      // What `get()` answers is the client's contract, and all that is known of it.
      for (const piece of formatSnapshot(answer as Snapshot, format, this.#defaultLabels)) {
        out.writeText(piece);
        yield;
      }
    }
  }

  #renderingOf(instrument: Instrument<string>, format: Format): FamilyRendering {
    const renderings = this.#renderings[format];
    let rendering = renderings.get(instrument);
    if (rendering === undefined) {
      rendering = new FamilyRendering(instrument, format, this.#defaultLabels);
      renderings.set(instrument, rendering);
    }
    return rendering;
  }
}

function createRenderings(): Record<Format, WeakMap<Instrument<string>, FamilyRendering>> {
  return { text: new WeakMap(), openmetrics: new WeakMap() };
}
