import type { LabelValues, WithLabels } from '../series/labels.ts';
import {
  BindableInstrument,
  BoundSeries,
  type Instrument,
  type InstrumentOptions,
  isObject,
} from './instrument.ts';
import { checkFinite, checkNumber } from './validation.ts';

/** A number that goes up and down. */
export class Gauge<L extends string = never> extends BindableInstrument<L, GaugeChild> {
  override readonly type = 'gauge';

  constructor(options: InstrumentOptions<L>) {
    super(options, 1);
    this.register(options.registers);
  }

  /** `set(value)` or `set(labels, value)`. Takes any number, also NaN and the infinities. */
  set(...labelsAndValue: WithLabels<L, [value: number]>): void;
  set(first: unknown, value?: number): void {
    if (!isObject(first)) {
      this.only.set(first as number); // checked there
      return;
    }
    checkNumber(this.family, value);
    this.table.set(this.table.slotOf(first), value as number); // checked above
  }

  /** `inc()`, `inc(value)`, `inc(labels)` or `inc(labels, value)`. Adds 1 by default. */
  inc(...labelsAndValue: WithLabels<L, [value?: number]>): void;
  inc(first?: unknown, value = 1): void {
    if (!isObject(first)) {
      this.only.inc(first as number | undefined); // checked there
      return;
    }
    checkFinite(this.family, value);
    this.table.add(this.table.slotOf(first), value);
  }

  /** As `inc`, but subtracts. */
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

  /**
   * Returns a function that sets the series to the seconds since this call, and returns them. That function
   * may add labels.
   */
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

export class GaugeChild extends BoundSeries<Instrument<string>> {
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

  /** Returns a function that sets the series to the seconds since this call, and returns them. */
  startTimer(): () => number {
    const startMs = performance.now();
    return () => {
      const seconds = (performance.now() - startMs) / 1000;
      this.set(seconds);
      return seconds;
    };
  }
}
