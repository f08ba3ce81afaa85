import type { LabelValues } from '../series/labels.ts';
import { BindableInstrument, BoundSeries } from './bindable-instrument.ts';
import { type Instrument, type InstrumentOptions, isObject } from './instrument.ts';
import { FINITE, isFiniteNumber, isNumber, NUMBER, refuse } from './validation.ts';

export interface GaugeConfiguration<L extends string> extends InstrumentOptions<L, Gauge<L>> {}

/** A number that goes up and down. */
export class Gauge<L extends string = string> extends BindableInstrument<L, GaugeChild<L>> {
  override readonly type = 'gauge';

  constructor(options: GaugeConfiguration<L>) {
    super(options, 1);
    this.register(options.registers);
  }

  /** `set(value)` or `set(labels, value)`. Takes any number, also NaN and the infinities. */
  set(labels: LabelValues<L>, value: number): void;
  set(value: number): void;
  set(first: unknown, value?: number): void {
    if (!isObject(first)) {
      this.only.set(value ?? (first as number)); // checked there
    } else if (isNumber(value)) {
      this.table.set(this.table.slotOf(first), value);
    } else {
      refuse(this.table, NUMBER, value);
    }
  }

  /** `inc()`, `inc(value)`, `inc(labels)` or `inc(labels, value)`. Adds 1 by default, and for null. */
  inc(labels: LabelValues<L>, value?: number): void;
  inc(value?: number): void;
  inc(first?: unknown, value?: number): void {
    if (!isObject(first)) {
      this.only.inc(value ?? (first as number | undefined)); // checked there
    } else if (isFiniteNumber(value ?? 1)) {
      this.table.add(this.table.slotOf(first), value ?? 1);
    } else {
      refuse(this.table, FINITE, value);
    }
  }

  /** As `inc`, but subtracts. */
  dec(labels: LabelValues<L>, value?: number): void;
  dec(value?: number): void;
  dec(first?: unknown, value?: number): void {
    if (!isObject(first)) {
      this.only.dec(value ?? (first as number | undefined)); // checked there
    } else if (isFiniteNumber(value ?? 1)) {
      this.table.add(this.table.slotOf(first), -(value ?? 1));
    } else {
      refuse(this.table, FINITE, value);
    }
  }

  /** Sets the series to Unix time in seconds. */
  setToCurrentTime(labels?: LabelValues<L>): void {
    this.#childOf(labels).setToCurrentTime();
  }

  /**
   * Returns a function that sets the series to the seconds since this call, and returns them. That function
   * may add labels.
   */
  startTimer(labels?: LabelValues<L>): (labels?: LabelValues<L>) => number {
    const startMs = performance.now();
    return (endLabels) => {
      const seconds = (performance.now() - startMs) / 1000;
      this.#childOf(this.joinLabels(labels, endLabels)).set(seconds);
      return seconds;
    };
  }

  protected override createChild(labelValues: readonly string[]): GaugeChild<L> {
    return new GaugeChild(this, labelValues);
  }

  #childOf(labels: object | undefined): GaugeChild<L> {
    return isObject(labels) ? this.labels(labels as LabelValues<L>) : this.only; // checked there
  }
}

/** The client's name of a bound child. */
export declare namespace Gauge {
  type Internal<L extends string> = GaugeChild<L>;
}

/** A gauge as its children see it. */
interface Settable extends Instrument<string> {
  set(labels: object, value: number): void;
}

export class GaugeChild<L extends string = string> extends BoundSeries<Settable> {
  /** Adds to the series, 1 by default. */
  inc(value?: number): void {
    const delta = value ?? 1;
    if (!isFiniteNumber(delta)) {
      refuse(this.table, FINITE, delta);
      return;
    }
    this.table.add(this.slot >= 0 ? this.slot : this.table.attach(this), delta);
  }

  /** Subtracts from the series, 1 by default. */
  dec(value?: number): void {
    const delta = value ?? 1;
    if (!isFiniteNumber(delta)) {
      refuse(this.table, FINITE, delta);
      return;
    }
    this.table.add(this.slot >= 0 ? this.slot : this.table.attach(this), -delta);
  }

  /** Takes any number, also NaN and the infinities. */
  set(value: number): void {
    if (!isNumber(value)) {
      refuse(this.table, NUMBER, value);
      return;
    }
    this.table.set(this.slot >= 0 ? this.slot : this.table.attach(this), value);
  }

  /** Sets the series to Unix time in seconds. */
  setToCurrentTime(): void {
    this.set(Date.now() / 1000);
  }

  /**
   * Returns a function that sets the series to the seconds since this call, and returns them. That function may
   * add labels.
   */
  startTimer(): (labels?: LabelValues<L>) => number {
    const startMs = performance.now();
    return (labels) => {
      const seconds = (performance.now() - startMs) / 1000;
      if (labels === undefined) this.set(seconds);
      else this.instrument.set(this.mergeLabels(labels), seconds);
      return seconds;
    };
  }
}
