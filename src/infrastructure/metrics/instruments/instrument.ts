import type { Aggregator } from '@prometheus-io/client';
import { createExemplar, type Exemplar, type ExemplarLabels } from '../series/exemplar.ts';
import { checkLabelNames, describe } from '../series/label-validation.ts';
import {
  type LabelValue,
  type LabelValues,
  valueLists,
  valuesOfList,
  valuesOfObject,
} from '../series/labels.ts';
import { SeriesExpiry } from '../series/series-expiry.ts';
import { type SeriesHandle, SeriesTable } from '../series/series-table.ts';
import { defaultRegistries, type MetricSink } from './default-registry.ts';
import { checkHelp, checkMetricName, checkOption } from './validation.ts';

/*
 * What all instruments have in common. Their calls have the shapes of @prometheus-io/client and prom-client:
 * with a label object first (one look-up a call), on a bound child (one look-up in all), or without labels.
 */

export interface InstrumentOptions<L extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly L[];
  /** The registries that show it. Default: the process-wide `register`; `[]` for none. */
  readonly registers?: readonly MetricSink[] | undefined;
  /** How the client puts the values of several processes together. Default: `sum`. */
  readonly aggregator?: Aggregator;
  /** Runs just before each read, to bring the instrument up to date. `this` is the instrument. */
  readonly collect?: (this: never) => void | Promise<void>;
  /** Label sets past this many share one series, which has `_overflow` as every value. Default: 2,000. */
  readonly maxSeries?: number;
  /** A scrape removes series that nobody wrote to for this long. Default: never. */
  readonly expireAfterSeconds?: number;
  readonly enableExemplars?: boolean;
}

/** One sample line of a series: `<metric><suffix>{…, le="<bound>"}`. */
export interface SampleLine {
  readonly suffix: string;
  readonly bound?: number;
}

/** The client's shape of a sample, as its registries and its cluster aggregation expect it. */
export interface Sample {
  readonly value: number;
  readonly labels: Record<string, LabelValue>;
  readonly metricName?: string;
  readonly exemplar?: Exemplar;
}

/** The client's shape of a metric with all of its samples. */
export interface Snapshot {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values: Sample[];
  readonly aggregator?: Aggregator;
}

/** `labels(object)`, or `labels(...values)` in the order of the label names. */
type LabelArguments<L extends string> = [labels: LabelValues<L>] | readonly LabelValue[];

/** What `inc` and `observe` take in one object where `enableExemplars` is on. */
export type WithExemplar<L extends string, V> = V & { readonly exemplarLabels?: ExemplarLabels } & ([
    L,
  ] extends [never]
    ? { readonly labels?: LabelValues<L> }
    : { readonly labels: LabelValues<L> });

/** For each label its value, or the list of its known values. */
export type KnownValues<L extends string> = Readonly<Record<L, LabelValue | readonly LabelValue[]>>;

const DEFAULT_MAX_SERIES = 2_000;

/** In a call, an object comes first when it has labels; without labels a number does. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/**
 * A family of series. Around it is the client's contract of a metric (`name`, `type`, `get()`, `reset()`,
 * `collect`, `aggregator`), so that any registry of the ecosystem can hold it.
 */
export abstract class Instrument<L extends string> {
  abstract readonly type: 'counter' | 'gauge' | 'histogram';
  /** The sample lines of each series, in the order of `readSamples`. */
  readonly sampleLines: readonly SampleLine[] = [{ suffix: '' }];
  /** Not readonly, because the client's registry assigns to it. The exposition shows `family`. */
  name: string;
  readonly family: string;
  readonly help: string;
  readonly labelNames: readonly L[];
  readonly aggregator: Aggregator;
  readonly enableExemplars: boolean;
  collect: (() => void | Promise<void>) | undefined;
  /** The series, for the children and the exposition. */
  readonly table: SeriesTable;
  readonly #expiry: SeriesExpiry;

  constructor(options: InstrumentOptions<L>, width: number, reservedLabels: readonly string[] = []) {
    if (!isObject(options)) {
      throw new TypeError(`expected an object of options; got ${describe(options)}`);
    }
    const { name, help, labelNames = [], collect } = options;
    const { maxSeries = DEFAULT_MAX_SERIES, expireAfterSeconds = Infinity } = options;
    const isCollect = collect === undefined || typeof collect === 'function';
    checkMetricName(name);
    checkHelp(name, help);
    checkLabelNames(name, labelNames, reservedLabels);
    checkOption(name, 'collect to be a function', isCollect, collect);
    checkOption(name, 'maxSeries of 1 or more', maxSeries >= 1, maxSeries);
    checkOption(name, 'expireAfterSeconds above 0', expireAfterSeconds > 0, expireAfterSeconds);
    this.name = name;
    this.family = name;
    this.help = help;
    this.labelNames = Object.freeze([...labelNames]);
    this.aggregator = options.aggregator ?? 'sum';
    this.enableExemplars = options.enableExemplars ?? false;
    this.collect = collect as (() => void | Promise<void>) | undefined; // always called on the instrument
    this.table = new SeriesTable({ metric: name, labelNames: this.labelNames, width, maxSeries });
    this.#expiry = new SeriesExpiry(this.table, expireAfterSeconds * 1000);
  }

  /** Writes the values of a series' sample lines to `target`. */
  readSamples(slot: number, target: Float64Array): void {
    target[0] = this.table.values[slot] ?? 0;
  }

  /** Removes the series of exactly these labels, in the forms of `labels(…)`. Does nothing without one. */
  remove(...labels: LabelArguments<L>): void {
    const slot = this.table.find(this.pathOf(labels));
    if (slot !== undefined) this.table.remove(slot);
  }

  /** Removes every series that has all of these label values. Returns how many it removed. */
  removeMatching(labels: Partial<LabelValues<L>>): number {
    const names = Object.keys(labels);
    const positions = names.map((name) => this.labelNames.indexOf(name as L)); // -1 when it is not one
    const wanted = valuesOfObject(this.family, names, labels);
    if (positions.includes(-1) || names.length === 0) {
      throw new TypeError(
        `${this.family}: expected some of the labels ${describe(this.labelNames)}; got ${describe(labels)}`,
      );
    }
    const before = this.table.size;
    for (const slot of this.table.liveSlots()) {
      const values = this.table.labelValuesOf(slot);
      if (positions.every((position, index) => values[position] === wanted[index])) this.table.remove(slot);
    }
    return before - this.table.size;
  }

  /** Removes all series. An instrument without labels starts again at zero. */
  reset(): void {
    this.table.removeAll();
    if (this.labelNames.length === 0) this.table.slotOfValues([]);
  }

  /** Removes the series that are idle for `expireAfterSeconds`. The registry calls it at each scrape. */
  expire(nowMs: number): void {
    this.#expiry.removeIdle(nowMs);
  }

  /** All samples in the client's shape, after `collect`. */
  async get(): Promise<Snapshot> {
    await this.collect?.();
    return this.snapshot();
  }

  /** All samples as they are now, in the client's shape. */
  snapshot(): Snapshot {
    const values: Sample[] = [];
    const numbers = new Float64Array(this.sampleLines.length);
    for (const slot of this.table.liveSlots()) {
      this.readSamples(slot, numbers);
      this.sampleLines.forEach((line, index) => {
        values.push(this.#sample(slot, line, index, numbers[index] ?? 0));
      });
    }
    const { name, help, type, aggregator } = this;
    return { name, help, type, values, aggregator };
  }

  /** Keeps an exemplar as the last of its sample line. Throws where exemplars are not enabled. */
  keepExemplar(slot: number, line: number, labels: ExemplarLabels, value: number): void {
    const expected = 'enableExemplars to be true, because the call has exemplar labels';
    checkOption(this.family, expected, this.enableExemplars, this.enableExemplars);
    this.table.setExemplar(slot, line, createExemplar(this.family, labels, value));
  }

  /** The label values of `labels(object)` or `labels(...values)`, in the order of the names. */
  protected pathOf(labels: readonly unknown[]): string[] {
    const [first] = labels;
    return isObject(first)
      ? valuesOfObject(this.family, this.labelNames, first)
      : valuesOfList(this.family, this.labelNames, labels);
  }

  /** Each constructor calls this last, because a registry may read all of the instrument. */
  protected register(registers: readonly MetricSink[] = defaultRegistries()): void {
    if (this.labelNames.length === 0) this.table.slotOfValues([]);
    // The registries' types name the client's classes; what they use is the contract that is kept here.
    for (const registry of registers) registry.registerMetric(this as never);
  }

  #sample(slot: number, line: SampleLine, index: number, value: number): Sample {
    const labels: Record<string, LabelValue> = {};
    if (line.bound !== undefined) labels.le = line.bound === Infinity ? '+Inf' : line.bound;
    const labelValues = this.table.labelValuesOf(slot);
    this.labelNames.forEach((name, position) => {
      labels[name] = labelValues[position] ?? '';
    });
    const exemplar = this.table.exemplars?.get(slot)?.[index];
    return {
      value,
      labels,
      ...(line.suffix !== '' && { metricName: this.family + line.suffix }),
      ...(exemplar !== undefined && { exemplar }),
    };
  }
}

/** An instrument that hands out bound children, of the kind `C`. */
export abstract class BindableInstrument<L extends string, C extends SeriesHandle> extends Instrument<L> {
  #only: C | undefined;

  /** The bound child of one label set. Look it up once, then count in a few nanoseconds. */
  labels(...labels: LabelArguments<L>): C {
    return this.table.handleOf(this.pathOf(labels), (labelValues) => this.createChild(labelValues));
  }

  /**
   * Creates, at zero, the series of every combination of these values. A series that begins with its first event hides
   * that event from `increase` and `rate`. These series come on top of `maxSeries`, because the caller lists them.
   */
  createSeries(values: KnownValues<L>): void {
    const given = values as Readonly<Record<string, LabelValue | readonly LabelValue[]>>; // each checked below
    const lists = valueLists(this.family, this.labelNames, given);
    const paths = lists.reduce<LabelValue[][]>(
      (all, list) => all.flatMap((path) => list.map((value) => [...path, value])),
      [[]],
    );
    for (const path of paths) this.table.reserve(valuesOfList(this.family, this.labelNames, path));
  }

  protected abstract createChild(labelValues: readonly string[]): C;

  /** The child of an instrument without labels. */
  protected get only(): C {
    if (this.labelNames.length > 0) {
      throw new TypeError(`${this.family}: expected the labels ${describe(this.labelNames)}; got none`);
    }
    this.#only ??= this.labels();
    return this.#only;
  }

  /** Whether a call's only object is `{ labels, value, exemplarLabels }`, and not the labels themselves. */
  protected hasParts(data: object): boolean {
    return ['labels', 'value', 'exemplarLabels'].some((part) => part in data && !this.#isLabel(part));
  }

  /** The child and the rest of a call that has everything in one object. */
  protected partsOf(data: object): { child: C; value: unknown; exemplarLabels: ExemplarLabels | undefined } {
    const { labels, value, exemplarLabels, ...others } = data as Record<string, unknown>; // checked in use
    if (Object.keys(others).length > 0) {
      throw new TypeError(
        `${this.family}: expected { labels, value, exemplarLabels }; got ${describe(data)}`,
      );
    }
    const child = labels === undefined ? this.only : this.labels(labels as LabelValues<L>);
    return { child, value, exemplarLabels: exemplarLabels as ExemplarLabels | undefined };
  }

  #isLabel(name: string): boolean {
    return this.labelNames.some((label) => label === name);
  }
}

/**
 * A bound child: one series, for code that counts often. A write checks the number, adds in the table's array
 * and marks the epoch. That takes a few nanoseconds: no look-up, no allocation.
 */
export abstract class BoundSeries<I extends Instrument<string>> implements SeriesHandle {
  slot = -1;
  labelValues: readonly string[];
  protected readonly instrument: I;
  protected readonly table: SeriesTable;

  constructor(instrument: I, labelValues: readonly string[]) {
    this.instrument = instrument;
    this.table = instrument.table;
    this.labelValues = labelValues;
  }
}
