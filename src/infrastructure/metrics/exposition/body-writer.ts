import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import { Instrument, type Snapshot } from '../instruments/instrument.ts';
import type { LabelValue } from '../series/labels.ts';
import type { Format } from './accept.ts';
import { ByteWriter } from './byte-writer.ts';
import { FamilyRendering } from './family-rendering.ts';
import { readSnapshot } from './foreign-snapshot.ts';
import { ENDINGS, formatSnapshot } from './text-format.ts';

/** A metric of another library, as far as the client's contract describes it. */
interface ForeignMetric {
  readonly name: string;
  readonly type: string;
  readonly aggregator?: string;
  get(): unknown;
}

export type DefaultLabels = Readonly<Record<string, LabelValue>>;

/** The default labels of a metric's series: in a merged registry they depend on where the metric is from. */
export type DefaultLabelsOf = (metric: object) => DefaultLabels;

export type AnyMetric = Instrument<string> | ForeignMetric;

/** How long a rendering may hold the event loop before it lets other work run. */
const SLICE_MS = 2;

/** A buffer is this much larger than the largest body so far, so that it seldom has to grow. */
const GROWTH_ROOM = 1.1;
const MIN_BODY_BYTES = 16 * 1024;

/** Writes the bodies of one registry's scrapes. It copies from the last body what has not changed since. */
export class BodyWriter {
  #defaultLabelsOf: DefaultLabelsOf = () => ({});
  #renderings = createRenderings();
  #turn: Promise<unknown> = Promise.resolve();
  #largestBytes = 0;
  readonly #onError: (name: string, error: unknown) => void;

  /** `onError` hears of each metric of another library that scrapers could not read. A body leaves it out. */
  constructor(onError: (name: string, error: unknown) => void) {
    this.#onError = onError;
  }

  /** Forgets the last bodies. The next ones have these default labels. */
  forget(defaultLabelsOf: DefaultLabelsOf): void {
    this.#defaultLabelsOf = defaultLabelsOf;
    this.#renderings = createRenderings();
  }

  /**
   * The metrics' body. `results` holds what `get()` of other libraries' metrics returned; those without a result are
   * left out. Bodies are written one after the other.
   */
  write(
    metrics: readonly AnyMetric[],
    results: ReadonlyMap<object, unknown>,
    format: Format,
  ): Promise<Buffer> {
    const written = this.#turn.then(() => this.#write(metrics, results, format));
    this.#turn = written.catch(() => undefined);
    return written;
  }

  /** Writes in slices and lets the event loop run between them. Each series is within one slice. */
  async #write(
    metrics: readonly AnyMetric[],
    results: ReadonlyMap<object, unknown>,
    format: Format,
  ): Promise<Buffer> {
    const out = new ByteWriter(Math.ceil(this.#largestBytes * GROWTH_ROOM) + MIN_BODY_BYTES);
    let sliceStartMs = performance.now();
    try {
      for (const metric of metrics) {
        for (const _ of this.#writeMetric(metric, results.get(metric), format, out)) {
          if (performance.now() - sliceStartMs < SLICE_MS) continue;
          await yieldToEventLoop();
          sliceStartMs = performance.now();
        }
      }
    } catch (error) {
      this.#renderings = createRenderings(); // some of them point into the body that has just failed
      throw error;
    }
    out.writeText(ENDINGS[format]);
    this.#largestBytes = Math.max(out.length, this.#largestBytes);
    return out.written();
  }

  *#writeMetric(metric: AnyMetric, result: unknown, format: Format, out: ByteWriter): Generator<void, void> {
    if (metric instanceof Instrument) {
      yield* this.#renderingOf(metric, format).render(out);
    } else {
      let snapshot: Snapshot;
      try {
        snapshot = yield* readSnapshot(metric, result, this.#defaultLabelsOf(metric));
      } catch (error) {
        this.#onError(metric.name, error);
        return;
      }
      for (const piece of formatSnapshot(snapshot, format, this.#defaultLabelsOf(metric))) {
        out.writeText(piece);
        yield;
      }
    }
  }

  #renderingOf(instrument: Instrument<string>, format: Format): FamilyRendering {
    const renderings = this.#renderings[format];
    let rendering = renderings.get(instrument);
    if (rendering === undefined) {
      rendering = new FamilyRendering(instrument, format, this.#defaultLabelsOf(instrument));
      renderings.set(instrument, rendering);
    }
    return rendering;
  }
}

function createRenderings(): Record<Format, WeakMap<Instrument<string>, FamilyRendering>> {
  return { text: new WeakMap(), openmetrics: new WeakMap() };
}
