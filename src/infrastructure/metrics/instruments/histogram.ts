import type { ExemplarLabels } from '../series/exemplar.ts';
import type { LabelValues } from '../series/labels.ts';
import type { SeriesTable } from '../series/series-table.ts';
import { BindableInstrument, BoundSeries } from './bindable-instrument.ts';
import { bucketOf, checkBuckets, DEFAULT_BUCKETS } from './buckets.ts';
import {
  type Instrument,
  type InstrumentOptions,
  isObject,
  type ObserveDataWithExemplar,
  type SampleLine,
} from './instrument.ts';
import { FINITE, isFiniteNumber, refuse } from './validation.ts';

export interface HistogramConfiguration<L extends string> extends InstrumentOptions<L, Histogram<L>> {
  /** Upper bounds, ascending. The last bucket, +Inf, is there with and without its bound. */
  readonly buckets?: readonly number[] | undefined;
}

/** Observations counted in buckets. A series holds the count of each bucket alone, then the sum. */
export class Histogram<L extends string = string>
  extends BindableInstrument<L, HistogramChild<L>>
  implements Bucketed
{
  override readonly type = 'histogram';
  override readonly sampleLines: readonly SampleLine[];
  readonly bounds: Float64Array;

  constructor(options: HistogramConfiguration<L>) {
    const { name } = options;
    const given = options.buckets ?? DEFAULT_BUCKETS;
    const buckets = given.at(-1) === Infinity ? given.slice(0, -1) : given; // the last bucket is always +Inf
    super(options, buckets.length + 2, ['le']);
    checkBuckets(name, buckets);
    this.bounds = Float64Array.from(buckets);
    this.sampleLines = [
      ...[...buckets, Infinity].map((bound) => ({ suffix: '_bucket', bound })),
      { suffix: '_sum' },
      { suffix: '_count' },
    ];
    this.register(options.registers);
  }

  /** `observe(value)` or `observe(labels, value)`. Takes a finite number. */
  observe(labels: LabelValues<L>, value: number): void;
  observe(value: number): void;
  /** With exemplars enabled: `observe({ labels, value, exemplarLabels })`. */
  observe(data: ObserveDataWithExemplar<L>): void;
  observe(first: unknown, value?: number): void {
    if (!isObject(first)) {
      this.only.observe(value ?? (first as number)); // checked there
    } else if (this.enableExemplars && value === undefined && this.hasParts(first)) {
      const { child, value: given, exemplarLabels } = this.partsOf(first);
      child.observe(given as number, exemplarLabels); // checked there
    } else if (isFiniteNumber(value)) {
      addObservation(this.table, this.table.slotOf(first), this.bounds, value);
    } else {
      refuse(this.table, FINITE, value);
    }
  }

  /** Sets the series of these labels to zero. Creates it when there is none. */
  zero(labels: LabelValues<L>): void {
    const { table } = this;
    const slot = table.slotOf(labels ?? {});
    table.values.fill(0, slot * table.width, (slot + 1) * table.width);
    table.restart(slot);
  }

  /**
   * Returns a function that observes the seconds since this call, and returns them. That function may add
   * labels.
   */
  startTimer(
    labels?: LabelValues<L>,
    exemplarLabels?: ExemplarLabels,
  ): (labels?: LabelValues<L>, exemplarLabels?: ExemplarLabels) => number {
    const startMs = performance.now();
    return (endLabels, endExemplarLabels) => {
      const seconds = (performance.now() - startMs) / 1000;
      const hasExemplar = exemplarLabels !== undefined || endExemplarLabels !== undefined;
      this.labels(this.joinLabels(labels, endLabels) as LabelValues<L>) // checked there
        .observe(
          seconds,
          hasExemplar ? (this.joinLabels(exemplarLabels, endExemplarLabels) as ExemplarLabels) : undefined,
        );
      return seconds;
    };
  }

  override readSamples(slot: number, target: Float64Array): void {
    const { values, width } = this.table;
    const first = slot * width;
    const buckets = width - 1;
    let count = 0;
    for (let bucket = 0; bucket < buckets; bucket += 1) {
      count += values[first + bucket] ?? 0;
      target[bucket] = count;
    }
    target[buckets] = values[first + buckets] ?? 0;
    target[buckets + 1] = count;
  }

  protected override createChild(labelValues: readonly string[]): HistogramChild<L> {
    return new HistogramChild(this, labelValues);
  }
}

/** The client's names of a bound child, and of what a histogram adds to the options. */
export declare namespace Histogram {
  type Internal<L extends string> = HistogramChild<L>;
  type Config = Pick<HistogramConfiguration<string>, 'buckets'>;
}

/** A histogram as its children see it. */
interface Bucketed extends Instrument<string> {
  readonly bounds: Float64Array;
  labels(labels: object): HistogramChild;
}

export class HistogramChild<L extends string = string> extends BoundSeries<Bucketed> {
  observe(value: number, exemplarLabels?: ExemplarLabels): void {
    if (!isFiniteNumber(value)) {
      refuse(this.table, FINITE, value);
      return;
    }
    const slot = this.slot >= 0 ? this.slot : this.table.attach(this);
    const { bounds } = this.instrument;
    if (exemplarLabels !== undefined) {
      this.instrument.keepExemplar(slot, bucketOf(bounds, value), exemplarLabels, value);
    }
    addObservation(this.table, slot, bounds, value);
  }

  /**
   * Returns a function that observes the seconds since this call, and returns them. That function may add
   * labels.
   */
  startTimer(): (labels?: LabelValues<L>, exemplarLabels?: ExemplarLabels) => number {
    const startMs = performance.now();
    return (labels, exemplarLabels) => {
      const seconds = (performance.now() - startMs) / 1000;
      const child = labels === undefined ? this : this.instrument.labels(this.mergeLabels(labels));
      child.observe(seconds, exemplarLabels);
      return seconds;
    };
  }
}

/** Counts a finite value in its bucket, and adds it to the sum, which is the series' last number. */
function addObservation(table: SeriesTable, slot: number, bounds: Float64Array, value: number): void {
  table.add(slot, 1, bucketOf(bounds, value));
  table.add(slot, value, table.width - 1);
}
