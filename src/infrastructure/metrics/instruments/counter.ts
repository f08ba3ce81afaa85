import type { ExemplarLabels } from '../series/exemplar.ts';
import type { LabelValues } from '../series/labels.ts';
import { BindableInstrument, BoundSeries } from './bindable-instrument.ts';
import {
  type IncreaseDataWithExemplar,
  type Instrument,
  type InstrumentOptions,
  isObject,
} from './instrument.ts';
import { INCREASE, isIncrease, refuse } from './validation.ts';

export interface CounterConfiguration<L extends string> extends InstrumentOptions<L, Counter<L>> {}

/** A count that only rises. */
export class Counter<L extends string = string> extends BindableInstrument<L, CounterChild> {
  override readonly type = 'counter';

  constructor(options: CounterConfiguration<L>) {
    super(options, 1);
    this.register(options.registers);
  }

  /** `inc()`, `inc(value)`, `inc(labels)` or `inc(labels, value)`. Adds 1 by default, and for null. */
  inc(labels: LabelValues<L>, value?: number): void;
  inc(value?: number): void;
  /** With exemplars enabled: `inc({ labels, value, exemplarLabels })`. */
  inc(data: IncreaseDataWithExemplar<L>): void;
  inc(first?: unknown, value?: number): void {
    if (!isObject(first)) {
      this.only.inc(value ?? (first as number | undefined)); // checked there
    } else if (this.enableExemplars && value === undefined && this.hasParts(first)) {
      const { child, value: given, exemplarLabels } = this.partsOf(first);
      child.inc(given as number | undefined, exemplarLabels); // checked there
    } else if (isIncrease(value ?? 1)) {
      this.table.add(this.table.slotOf(first), value ?? 1);
    } else {
      refuse(this.table, INCREASE, value);
    }
  }

  /** As `labels(…).setTotal(total)`: shows a cumulative total that other code owns. */
  setTotal(labels: LabelValues<L>, total: number): void;
  setTotal(total: number): void;
  setTotal(first: unknown, total?: number): void {
    if (isObject(first))
      this.labels(first as LabelValues<L>).setTotal(total as number); // both checked there
    else this.only.setTotal(total ?? (first as number)); // checked there
  }

  protected override createChild(labelValues: readonly string[]): CounterChild {
    return new CounterChild(this, labelValues);
  }
}

/** The client's name of a bound child. */
export declare namespace Counter {
  type Internal = CounterChild;
}

export class CounterChild extends BoundSeries<Instrument<string>> {
  /** Adds to the series, 1 by default. */
  inc(value?: number, exemplarLabels?: ExemplarLabels): void {
    const delta = value ?? 1;
    if (!isIncrease(delta)) {
      refuse(this.table, INCREASE, delta);
      return;
    }
    const slot = this.slot >= 0 ? this.slot : this.table.attach(this);
    if (exemplarLabels !== undefined) this.instrument.keepExemplar(slot, 0, exemplarLabels, delta);
    this.table.add(slot, delta);
  }

  /**
   * Shows a cumulative total that other code owns. A total that fell means that its owner started again, as
   * after a restart of a process: `_created` becomes now.
   */
  setTotal(total: number): void {
    const { table } = this;
    if (!isIncrease(total)) {
      refuse(table, INCREASE, total);
      return;
    }
    const slot = this.slot >= 0 ? this.slot : table.attach(this);
    if (total < (table.values[slot] ?? 0)) table.restart(slot);
    table.set(slot, total);
  }
}
