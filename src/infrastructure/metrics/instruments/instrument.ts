import type { Aggregator, MetricObjectWithValues, MetricValueWithName } from '@prometheus-io/client';
import { createExemplar, type Exemplar, type ExemplarLabels } from '../series/exemplar.ts';
import { checkLabelNames, describe } from '../series/label-validation.ts';
import {
  checkGiven,
  type LabelValue,
  type LabelValues,
  valuesOfList,
  valuesOfObject,
} from '../series/labels.ts';
import { SeriesExpiry } from '../series/series-expiry.ts';
import { SeriesTable } from '../series/series-table.ts';
import { defaultRegistries, type MetricSink } from './default-registry.ts';
import { checkHelp, checkMetricName, checkOption } from './validation.ts';

/*
 * What all instruments have in common. Their calls have the shapes of @prometheus-io/client and prom-client:
 * with a label object first (one look-up a call), on a bound child (one look-up in all), or without labels.
 */

/** The options of an instrument. `I` is the instrument, which is `this` in `collect`. */
export interface InstrumentOptions<L extends string, I = never> {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly L[] | undefined;
  /** The registries that show it. Default: the process-wide `register`; `[]` for none. */
  readonly registers?: readonly MetricSink[] | null | undefined;
  /** How the client puts the values of several processes together. Default: `sum`. */
  readonly aggregator?: Aggregator | undefined;
  /** Runs just before each read, to bring the instrument up to date. A subclass may have it as a method. */
  readonly collect?: ((this: I) => void | Promise<void>) | undefined;
  /** Label sets past this many share one series, which has `_overflow` as every value. Default: 2,000. */
  readonly maxSeries?: number;
  /** A scrape removes series that nobody wrote to for this long. Default: never. */
  readonly expireAfterSeconds?: number;
  readonly enableExemplars?: boolean | undefined;
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

/** What the client's types promise of `get()`. Without type arguments, the labels have any name. */
export type PublicSnapshot<L extends string> = MetricObjectWithValues<
  MetricValueWithName<[L] extends [never] ? string : L> & { readonly exemplar?: Exemplar }
>;

/** What `inc` takes in one object where `enableExemplars` is on. */
export interface IncreaseDataWithExemplar<L extends string> {
  readonly labels?: LabelValues<L> | undefined;
  readonly value?: number | undefined;
  readonly exemplarLabels?: ExemplarLabels | undefined;
}

/** What `observe` takes in one object where `enableExemplars` is on. */
export interface ObserveDataWithExemplar<L extends string> {
  readonly labels?: LabelValues<L> | undefined;
  readonly value: number;
  readonly exemplarLabels?: ExemplarLabels | undefined;
}

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
  /** Not of the type `L`, so that a `Counter` without type arguments can hold any counter. */
  readonly labelNames: readonly string[];
  readonly aggregator: Aggregator;
  readonly enableExemplars: boolean;
  /** The series, for the children and the exposition. */
  readonly table: SeriesTable;
  readonly #expiry: SeriesExpiry;

  constructor(options: InstrumentOptions<L>, width: number, reservedLabels: readonly string[] = []) {
    if (!isObject(options)) {
      throw new TypeError(`expected an object of options; got ${describe(options)}`);
    }
    const { name, help, collect } = options;
    const labelNames = options.labelNames ?? [];
    const { maxSeries = DEFAULT_MAX_SERIES, expireAfterSeconds = Infinity } = options;
    const isCollect = collect === undefined || collect === null || typeof collect === 'function';
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
    // Only when there is one: a property would hide the method of a subclass. It is always called on the instrument.
    if (collect) this.collect = collect as () => void | Promise<void>;
    this.table = new SeriesTable({ metric: name, labelNames: this.labelNames, width, maxSeries });
    this.#expiry = new SeriesExpiry(this.table, expireAfterSeconds * 1000);
  }

  /** Brings the instrument up to date before each read. An option sets it, or a subclass has it. */
  collect?(): void | Promise<void>;

  /** Writes the values of a series' sample lines to `target`. */
  readSamples(slot: number, target: Float64Array): void {
    target[0] = this.table.values[slot] ?? 0;
  }

  /** Removes the series of exactly these labels, in the forms of `labels(…)`. Does nothing without one. */
  remove(...values: readonly LabelValue[]): void;
  remove(labels: LabelValues<L>): void;
  remove(...labels: readonly unknown[]): void {
    try {
      checkGiven(this.labelNames, isObject(labels[0]) ? labels[0] : labels);
    } catch (error) {
      this.table.misuse.report(error);
      return;
    }
    const slot = this.table.find(this.pathOf(labels));
    if (slot !== undefined) this.table.remove(slot);
  }

  /**
   * Removes every series that has all of these label values. Returns how many it removed: none for no labels, or for
   * others than this metric's.
   */
  removeMatching(labels: LabelValues<L>): number {
    let names: string[] = [];
    let wanted: string[] = [];
    try {
      names = Object.keys(labels);
      wanted = valuesOfObject(names, labels);
    } catch {
      // reported below, as no labels
    }
    const positions = names.map((name) => this.labelNames.indexOf(name)); // -1 when it is not one
    if (positions.includes(-1) || wanted.length === 0) {
      this.table.misuse.report(
        () => `expected some of the labels ${describe(this.labelNames)}; got ${describe(labels)}`,
      );
      return 0;
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

  /** All samples in the client's shape, after `collect`. When that fails, they are not known: there are none. */
  async get(): Promise<PublicSnapshot<L>> {
    let snapshot = this.snapshot();
    try {
      await this.collect?.();
      snapshot = this.snapshot();
    } catch (error) {
      this.table.misuse.report(error);
      snapshot = { ...snapshot, values: [] };
    }
    return snapshot as unknown as PublicSnapshot<L>; // it promises a `collect`, which the client lacks too
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

  /** Keeps an exemplar as the last of its sample line. Drops one that is invalid or not enabled, and reports it. */
  keepExemplar(slot: number, line: number, labels: ExemplarLabels | null, value: number): void {
    if (labels === null) return;
    try {
      const expected = 'enableExemplars to be true, because the call has exemplar labels';
      checkOption(this.family, expected, this.enableExemplars, this.enableExemplars);
      this.table.setExemplar(slot, line, createExemplar(this.family, labels, value));
    } catch (error) {
      this.table.misuse.report(error);
    }
  }

  /** The label values of `labels(object)` or `labels(...values)`, in the order of the names. */
  protected pathOf(labels: readonly unknown[]): readonly string[] {
    const [first] = labels;
    return isObject(first)
      ? this.table.pathOf(first, valuesOfObject)
      : this.table.pathOf(labels, valuesOfList);
  }

  /** Both label objects in one. */
  protected joinLabels(first: object | undefined, second: object | undefined): object {
    try {
      return { ...first, ...second };
    } catch (error) {
      this.table.misuse.report(error);
      return {};
    }
  }

  /** Each constructor calls this last, because a registry may read all of the instrument. */
  protected register(registers: readonly MetricSink[] | null | undefined): void {
    if (this.labelNames.length === 0) this.table.slotOfValues([]);
    // The registries' types name the client's classes; what they use is the contract that is kept here.
    for (const registry of registers ?? defaultRegistries()) registry.registerMetric(this as never);
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
