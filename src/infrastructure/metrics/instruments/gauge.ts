import type { LabelValues } from '../series/labels.ts';
import {
  BindableInstrument,
  BoundSeries,
  type Instrument,
  type InstrumentOptions,
  isObject,
} from './instrument.ts';
import { checkFinite, checkNumber } from './validation.ts';

export interface GaugeConfiguration<L extends string> extends InstrumentOptions<L, Gauge<L>> {}

/** A number that goes up and down. */
export class Gauge<L extends string = never> extends BindableInstrument<L, GaugeChild<L>> {
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
      this.only.set(first as number); // checked there
      return;
    }
    checkNumber(this.family, value);
    this.table.set(this.table.slotOf(first), value as number); // checked above
  }

  /** `inc()`, `inc(value)`, `inc(labels)` or `inc(labels, value)`. Adds 1 by default. */
  inc(labels: LabelValues<L>, value?: number): void;
  inc(value?: number): void;
  inc(first?: unknown, value = 1): void {
    if (!isObject(first)) {
      this.only.inc(first as number | undefined); // checked there
      return;
    }
    checkFinite(this.family, value);
    this.table.add(this.table.slotOf(first), value);
  }

  /** As `inc`, but subtracts. */
  dec(labels: LabelValues<L>, value?: number): void;
  dec(value?: number): void;
  dec(first?: unknown, value = 1): void {
    if (!isObject(first)) {
      this.only.dec(first as number | undefined); // checked there
      return;
    }
    checkFinite(this.family, value);
    this.table.add(this.table.slotOf(first), -value);
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
      this.#childOf({ ...labels, ...endLabels }).set(seconds);
      return seconds;
    };
  }

  protected override createChild(labelValues: readonly string[]): GaugeChild<L> {
    return new GaugeChild(this, labelValues);
  }

  #childOf(labels: object | undefined): GaugeChild<L> {
    return labels === undefined ? this.only : this.labels(labels as LabelValues<L>); // checked there
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
  inc(value = 1): void {
    checkFinite(this.instrument.family, value);
    this.table.add(this.slot >= 0 ? this.slot : this.table.attach(this), value);
  }

  /** Subtracts from the series, 1 by default. */
  dec(value = 1): void {
    checkFinite(this.instrument.family, value);
    this.table.add(this.slot >= 0 ? this.slot : this.table.attach(this), -value);
  }

  /** Takes any number, also NaN and the infinities. */
  set(value: number): void {
    checkNumber(this.instrument.family, value);
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
