import type { Aggregator } from '@prometheus-io/client';
import { createExemplar, type Exemplar, type ExemplarLabels } from '../series/exemplar.ts';
import { type LabelValue, type LabelValues, valuesOfList, valuesOfObject } from '../series/labels.ts';
import { SeriesTable } from '../series/series-table.ts';
import { checkHelp, checkLabelNames, checkMetricName, checkOption, describe } from '../series/validation.ts';
import { defaultRegistry, type MetricSink } from './default-registry.ts';

export interface InstrumentOptions<L extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly L[];
  /** Registries to appear in; the process-wide `register` unless told otherwise, none for `[]`. */
  readonly registers?: readonly MetricSink[] | undefined;
  /** How processes of a cluster are put together; `sum` unless told otherwise. */
  readonly aggregator?: Aggregator;
  /** Brings the instrument up to date just before it is read; `this` is the instrument. */
  readonly collect?: (this: never) => void | Promise<void>;
  /** Label sets past this many share one series, with `_overflow` as every value. Default 2,000. */
  readonly maxSeries?: number;
  /** Series not written for this long are removed at the next scrape. Off by default. */
  readonly expireAfterSeconds?: number;
  readonly enableExemplars?: boolean;
}

/** One sample line of a series: `<metric><suffix>{…, le="<bound>"}`. */
export interface SampleLine {
  readonly suffix: string;
  readonly bound?: number;
}

/** The client's shape of a sample, as its registries and cluster aggregation expect it. */
export interface Sample {
  readonly value: number;
  readonly labels: Record<string, LabelValue>;
  readonly metricName?: string;
  readonly exemplar?: Exemplar;
}

export interface Snapshot {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values: Sample[];
  readonly aggregator?: Aggregator;
}

const DEFAULT_MAX_SERIES = 2_000;

/**
 * What every instrument is: a family of series, and the client's contract of a metric around it (`name`,
 * `type`, `get()`, `reset()`, `collect`, `aggregator`), so that any registry of the ecosystem can hold it.
 */
export abstract class Instrument<L extends string> {
  abstract readonly type: 'counter' | 'gauge' | 'histogram';
  /** The sample lines of each series, in the order of `readSamples`. */
  readonly sampleLines: readonly SampleLine[] = [{ suffix: '' }];
  /** A plain property, as the client's: its registry assigns to it. What is rendered is `family`. */
  name: string;
  readonly family: string;
  readonly help: string;
  readonly labelNames: readonly L[];
  readonly aggregator: Aggregator;
  readonly enableExemplars: boolean;
  collect: (() => void | Promise<void>) | undefined;
  /** The series, for the children and the exposition. */
  readonly table: SeriesTable;
  readonly #expireAfterMs: number;
  readonly #marks: { epoch: number; timeMs: number }[] = [];

  constructor(options: InstrumentOptions<L>, width: number, reservedLabels: readonly string[] = []) {
    if (typeof options !== 'object' || options === null) {
      throw new TypeError(`expected an object of options; got ${describe(options)}`);
    }
    const { name, help, labelNames = [], collect } = options;
    const { maxSeries = DEFAULT_MAX_SERIES, expireAfterSeconds = Infinity } = options;
    checkMetricName(name);
    checkHelp(name, help);
    checkLabelNames(name, labelNames, reservedLabels);
    checkOption(
      name,
      'collect to be a function',
      collect === undefined || typeof collect === 'function',
      collect,
    );
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
    this.#expireAfterMs = expireAfterSeconds * 1000;
  }

  /** Writes the values of a series' sample lines to `target`. */
  readSamples(slot: number, target: Float64Array): void {
    target[0] = this.table.values[slot] ?? 0;
  }

  /** Removes the series of exactly these labels, given as `labels(…)` takes them; without any, nothing. */
  remove(...labels: [labels: LabelValues<L>] | readonly LabelValue[]): void {
    const slot = this.table.find(this.pathOf(labels));
    if (slot === undefined) return;
    this.table.remove(slot);
  }

  /** Removes every series that has all of these label values. Answers how many there were. */
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
    for (let slot = 0; slot < this.table.used; slot += 1) {
      if (!this.table.isLive(slot)) continue;
      const values = this.table.labelValuesOf(slot);
      if (positions.every((position, index) => values[position] === wanted[index])) this.table.remove(slot);
    }
    return before - this.table.size;
  }

  /** Removes all series; an instrument without labels begins again at zero. */
  reset(): void {
    this.table.removeAll();
    if (this.labelNames.length === 0) this.table.slotOfValues([]);
  }

  /** Removes what has been idle for longer than `expireAfterSeconds`. Called before each rendering. */
  expire(nowMs: number): void {
    if (this.#expireAfterMs === Infinity) return;
    const { table } = this;
    const marks = this.#marks;
    // A mark says: what changed up to this epoch was written before this time.
    marks.push({ epoch: table.epoch, timeMs: nowMs });
    table.epoch += 1;
    const deadline = nowMs - this.#expireAfterMs;
    const next = marks.findIndex((mark) => mark.timeMs > deadline);
    const due = marks[next - 1];
    if (due === undefined) return;
    table.removeUnchangedSince(due.epoch);
    marks.splice(0, next);
  }

  /** Everything, in the client's shape, after `collect`. */
  async get(): Promise<Snapshot> {
    await this.collect?.();
    return this.snapshot();
  }

  /** Everything as it is now, in the client's shape. */
  snapshot(): Snapshot {
    const values: Sample[] = [];
    const numbers = new Float64Array(this.sampleLines.length);
    for (let slot = 0; slot < this.table.used; slot += 1) {
      if (!this.table.isLive(slot)) continue;
      this.readSamples(slot, numbers);
      this.sampleLines.forEach((line, index) => {
        values.push(this.#sample(slot, line, index, numbers[index] ?? 0));
      });
    }
    const { name, help, type, aggregator } = this;
    return { name, help, type, values, aggregator };
  }

  /** Keeps the last exemplar of a sample line. Throws where exemplars are not enabled. */
  keepExemplar(slot: number, line: number, labels: ExemplarLabels, value: number): void {
    checkOption(
      this.family,
      'enableExemplars, as exemplars are given',
      this.enableExemplars,
      this.enableExemplars,
    );
    const exemplar = createExemplar(this.family, labels, value);
    this.table.exemplars ??= new Map();
    const ofSeries = this.table.exemplars.get(slot) ?? [];
    ofSeries[line] = exemplar;
    this.table.exemplars.set(slot, ofSeries);
  }

  /** Label values in the order of the names, of `labels(object)` or `labels(...values)`. */
  protected pathOf(labels: readonly unknown[]): string[] {
    const [first] = labels;
    return typeof first === 'object' && first !== null
      ? valuesOfObject(this.family, this.labelNames, first)
      : valuesOfList(this.family, this.labelNames, labels);
  }

  /** To be called last by each constructor: a registry may read all of the instrument. */
  protected register(registers: readonly MetricSink[] = defaultRegistry()): void {
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
