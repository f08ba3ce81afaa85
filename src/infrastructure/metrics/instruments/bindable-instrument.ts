import type { ExemplarLabels } from '../series/exemplar.ts';
import { describe } from '../series/label-validation.ts';
import { type LabelValue, type LabelValues, valueLists, valuesOfList } from '../series/labels.ts';
import type { SeriesHandle, SeriesTable } from '../series/series-table.ts';
import { Instrument, isObject } from './instrument.ts';

/** For each label its value, or the list of its known values. */
export type KnownValues<L extends string> = Readonly<Record<L, LabelValue | readonly LabelValue[]>>;

/** An instrument that hands out bound children, of the kind `C`. */
export abstract class BindableInstrument<L extends string, C extends SeriesHandle> extends Instrument<L> {
  #only: C | undefined;

  /** The bound child of one label set. Look it up once, then count in a few nanoseconds. */
  labels(...values: readonly LabelValue[]): C;
  labels(labels: LabelValues<L>): C;
  labels(...labels: readonly unknown[]): C {
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
    for (const path of paths) this.table.reserve(valuesOfList(this.labelNames, path));
  }

  protected abstract createChild(labelValues: readonly string[]): C;

  /** The child of a call without labels. Where the instrument has labels, all of them are empty. */
  protected get only(): C {
    this.#only ??= this.labels();
    return this.#only;
  }

  /** Whether a call's only object is `{ labels, value, exemplarLabels }`, and not the labels themselves. */
  protected hasParts(data: object): boolean {
    try {
      return ['labels', 'value', 'exemplarLabels'].some((part) => part in data && !this.#isLabel(part));
    } catch {
      return false; // reported when the labels are read
    }
  }

  /** The child and the rest of a call that has everything in one object. */
  protected partsOf(data: object): { child: C; value: unknown; exemplarLabels: ExemplarLabels | undefined } {
    const { labels, value, exemplarLabels, ...others } = this.joinLabels(data, undefined) as Record<
      string,
      unknown
    >; // each part is checked in use
    if (Object.keys(others).length > 0) {
      this.table.misuse.report(() => `expected { labels, value, exemplarLabels }; got ${describe(data)}`);
    }
    const child = isObject(labels) ? this.labels(labels as LabelValues<L>) : this.only;
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

  /** These labels over the child's own: the end of a timer may name some that the child left out. */
  protected mergeLabels(labels: object): Record<string, unknown> {
    const values = this.slot >= 0 ? this.table.labelValuesOf(this.slot) : this.labelValues;
    const own = this.table.labelNames.map((name, index) => [name, values[index]] as const);
    try {
      return { ...Object.fromEntries(own), ...labels };
    } catch (error) {
      this.table.misuse.report(error);
      return Object.fromEntries(own);
    }
  }
}
