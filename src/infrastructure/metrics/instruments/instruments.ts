import type { ExemplarLabels } from '../series/exemplar.ts';
import type { LabelValues, WithLabels } from '../series/labels.ts';
import { checkBuckets, describe } from '../series/validation.ts';
import { BindableInstrument, type WithExemplar } from './bindable-instrument.ts';
import {
  type Bucketed,
  CounterChild,
  checkFinite,
  checkIncrease,
  checkNumber,
  GaugeChild,
  HistogramChild,
  observeAt,
} from './children.ts';
import { Instrument, type InstrumentOptions, type SampleLine } from './instrument.ts';

/*
 * The instruments, in the call shapes of @prometheus-io/client and prom-client: with a label object first
 * (looked up at each call), on `labels(…)` (looked up once; see children.ts), or without labels at all.
 */

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** A count that only rises. */
export class Counter<L extends string = never> extends BindableInstrument<L, CounterChild> {
  override readonly type = 'counter';

  constructor(options: InstrumentOptions<L>) {
    super(options, 1);
    this.register(options.registers);
  }

  /** `inc()`, `inc(value)`, `inc(labels)`, `inc(labels, value)`; adds 1 unless told otherwise. */
  inc(...labelsAndValue: WithLabels<L, [value?: number]>): void;
  /** With exemplars enabled: `inc({ labels, value, exemplarLabels })`. */
  inc(data: WithExemplar<L, { readonly value?: number }>): void;
  inc(first?: unknown, value?: number): void {
    if (!isObject(first)) {
      this.only.inc(first as number | undefined); // checked there
    } else if (this.enableExemplars && value === undefined && this.hasParts(first)) {
      const { child, value: given, exemplarLabels } = this.partsOf(first);
      child.inc(given as number | undefined, exemplarLabels); // checked there
    } else {
      if (value !== undefined) checkIncrease(this.family, value);
      this.table.add(this.table.slotOf(first), value ?? 1);
    }
  }

  /** As `labels(…).setTotal(total)`: shows a cumulative total that is owned elsewhere. */
  setTotal(...labelsAndTotal: WithLabels<L, [total: number]>): void;
  setTotal(first: unknown, total?: number): void {
    if (isObject(first))
      this.labels(first as LabelValues<L>).setTotal(total as number); // both checked there
    else this.only.setTotal(first as number); // checked there
  }

  protected override createChild(labelValues: readonly string[]): CounterChild {
    return new CounterChild(this, labelValues);
  }
}

/** A number that goes up and down. */
export class Gauge<L extends string = never> extends BindableInstrument<L, GaugeChild> {
  override readonly type = 'gauge';

  constructor(options: InstrumentOptions<L>) {
    super(options, 1);
    this.register(options.registers);
  }

  /** `set(value)` or `set(labels, value)`: any number, NaN and the infinities included. */
  set(...labelsAndValue: WithLabels<L, [value: number]>): void;
  set(first: unknown, value?: number): void {
    if (!isObject(first)) {
      this.only.set(first as number); // checked there
      return;
    }
    checkNumber(this.family, value);
    this.table.set(this.table.slotOf(first), value as number); // checked above
  }

  /** `inc()`, `inc(value)`, `inc(labels)`, `inc(labels, value)`; adds 1 unless told otherwise. */
  inc(...labelsAndValue: WithLabels<L, [value?: number]>): void;
  inc(first?: unknown, value = 1): void {
    if (!isObject(first)) {
      this.only.inc(first as number | undefined); // checked there
      return;
    }
    checkFinite(this.family, value);
    this.table.add(this.table.slotOf(first), value);
  }

  /** As `inc`, downwards. */
  dec(...labelsAndValue: WithLabels<L, [value?: number]>): void;
  dec(first?: unknown, value = 1): void {
    if (!isObject(first)) {
      this.only.dec(first as number | undefined); // checked there
      return;
    }
    checkFinite(this.family, value);
    this.table.add(this.table.slotOf(first), -value);
  }

  /** Sets the series to Unix time in seconds. */
  setToCurrentTime(...labels: WithLabels<L, []>): void {
    this.#childOf(labels[0]).setToCurrentTime();
  }

  /** Answers a function that sets the series to the seconds since this call; it may add labels. */
  startTimer(labels?: Partial<LabelValues<L>>): (labels?: Partial<LabelValues<L>>) => number {
    const startMs = performance.now();
    return (endLabels) => {
      const seconds = (performance.now() - startMs) / 1000;
      this.#childOf({ ...labels, ...endLabels }).set(seconds);
      return seconds;
    };
  }

  protected override createChild(labelValues: readonly string[]): GaugeChild {
    return new GaugeChild(this, labelValues);
  }

  #childOf(labels: object | undefined): GaugeChild {
    return labels === undefined ? this.only : this.labels(labels as LabelValues<L>); // checked there
  }
}

/** A gauge that is always 1: what it says is in its labels. */
export class Info<L extends string = never> extends Instrument<L> {
  override readonly type = 'gauge';

  constructor(options: InstrumentOptions<L>) {
    super({ aggregator: 'first', ...options }, 1);
    this.register(options.registers);
  }

  set(labels: LabelValues<L>): void {
    this.table.set(this.table.slotOf(labels), 1);
  }
}

export interface HistogramOptions<L extends string> extends InstrumentOptions<L> {
  /** Upper bounds, ascending, without +Inf. */
  readonly buckets?: readonly number[];
}

const DEFAULT_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Observations counted in buckets. A series' numbers are the count of each bucket alone, then the sum. */
export class Histogram<L extends string = never>
  extends BindableInstrument<L, HistogramChild>
  implements Bucketed
{
  override readonly type = 'histogram';
  override readonly sampleLines: readonly SampleLine[];
  readonly bounds: Float64Array;

  constructor(options: HistogramOptions<L>) {
    const { name, buckets = DEFAULT_BUCKETS } = options;
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

  /** `observe(value)` or `observe(labels, value)`: a finite number. */
  observe(...labelsAndValue: WithLabels<L, [value: number]>): void;
  /** With exemplars enabled: `observe({ labels, value, exemplarLabels })`. */
  observe(data: WithExemplar<L, { readonly value: number }>): void;
  observe(first: unknown, value?: number): void {
    if (!isObject(first)) {
      this.only.observe(first as number); // checked there
    } else if (this.enableExemplars && value === undefined && this.hasParts(first)) {
      const { child, value: given, exemplarLabels } = this.partsOf(first);
      child.observe(given as number, exemplarLabels); // checked there
    } else {
      checkFinite(this.family, value);
      observeAt(this.table, this.table.slotOf(first), this.bounds, value as number); // checked above
    }
  }

  /** Shows the series of these labels with zeros, whether it was observed before or not. */
  zero(...labels: WithLabels<L, []>): void {
    const { table } = this;
    const slot = table.slotOf(labels[0] ?? {});
    table.values.fill(0, slot * table.width, (slot + 1) * table.width);
    table.restart(slot);
  }

  /** Answers a function that observes the seconds since this call; it may add labels. */
  startTimer(
    labels?: Partial<LabelValues<L>>,
    exemplarLabels?: ExemplarLabels,
  ): (labels?: Partial<LabelValues<L>>, exemplarLabels?: ExemplarLabels) => number {
    const startMs = performance.now();
    return (endLabels, endExemplarLabels) => {
      const seconds = (performance.now() - startMs) / 1000;
      const hasExemplar = exemplarLabels !== undefined || endExemplarLabels !== undefined;
      this.labels({ ...labels, ...endLabels } as LabelValues<L>) // checked there
        .observe(seconds, hasExemplar ? { ...exemplarLabels, ...endExemplarLabels } : undefined);
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

  protected override createChild(labelValues: readonly string[]): HistogramChild {
    return new HistogramChild(this, labelValues);
  }
}

/** `count` bounds, `width` apart. */
export function linearBuckets(start: number, width: number, count: number): number[] {
  if (!(count >= 1)) throw new TypeError(`expected a count of 1 or more; got ${describe(count)}`);
  return Array.from({ length: count }, (_, index) => start + index * width);
}

/** `count` bounds, each `factor` times the one before. */
export function exponentialBuckets(start: number, factor: number, count: number): number[] {
  if (!(start > 0) || !(factor > 1) || !(count >= 1)) {
    throw new TypeError(
      `expected a start above 0, a factor above 1 and a count of 1 or more; got ${describe([start, factor, count])}`,
    );
  }
  const buckets = [start];
  while (buckets.length < count) buckets.push((buckets.at(-1) ?? start) * factor);
  return buckets;
}
