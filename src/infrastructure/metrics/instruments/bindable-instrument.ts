import type { ExemplarLabels } from '../series/exemplar.ts';
import type { LabelValue, LabelValues } from '../series/labels.ts';
import type { SeriesHandle } from '../series/series-table.ts';
import { describe } from '../series/validation.ts';
import { Instrument } from './instrument.ts';

/** `labels(object)`, or `labels(...values)` in the order of the label names. */
type LabelArguments<L extends string> = [labels: LabelValues<L>] | readonly LabelValue[];

/** What `inc` and `observe` take in one object where `enableExemplars` is on. */
export type WithExemplar<L extends string, V> = V & { readonly exemplarLabels?: ExemplarLabels } & ([
    L,
  ] extends [never]
    ? { readonly labels?: LabelValues<L> }
    : { readonly labels: LabelValues<L> });

/** An instrument that gives bound children, of the kind `C`. */
export abstract class BindableInstrument<L extends string, C extends SeriesHandle> extends Instrument<L> {
  #only: C | undefined;

  /** The bound child of one label set: look it up once, then count in a few nanoseconds. */
  labels(...labels: LabelArguments<L>): C {
    return this.table.handleOf(this.pathOf(labels), (labelValues) => this.createChild(labelValues));
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

  /** Whether a call's only object is `{ labels, value, exemplarLabels }` and not the labels themselves. */
  protected hasParts(data: object): boolean {
    return ['labels', 'value', 'exemplarLabels'].some((part) => part in data && !this.#isLabel(part));
  }

  /** The child and the rest of a call with everything in one object. */
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
