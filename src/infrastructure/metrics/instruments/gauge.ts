import type { LabelValues, WithLabels } from '../series/labels.ts';
import { BindableInstrument, BoundSeries } from './bindable-instrument.ts';
import { type Instrument, type InstrumentOptions, isObject } from './instrument.ts';
import { FINITE, isFiniteNumber, isNumber, NUMBER, refuse } from './validation.ts';

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
      this.only.set(value ?? (first as number)); // checked there
    } else if (isNumber(value)) {
      this.table.set(this.table.slotOf(first), value);
    } else {
      refuse(this.table, NUMBER, value);
    }
  }

  /** `inc()`, `inc(value)`, `inc(labels)` or `inc(labels, value)`. Adds 1 by default. */
  inc(...labelsAndValue: WithLabels<L, [value?: number]>): void;
  inc(first?: unknown, value?: number): void {
    if (!isObject(first)) {
      this.only.inc(value ?? (first as number | undefined)); // checked there
    } else if (value === undefined || isFiniteNumber(value)) {
      this.table.add(this.table.slotOf(first), value ?? 1);
    } else {
      refuse(this.table, FINITE, value);
    }
  }

  /** As `inc`, but subtracts. */
  dec(...labelsAndValue: WithLabels<L, [value?: number]>): void;
  dec(first?: unknown, value?: number): void {
    if (!isObject(first)) {
      this.only.dec(value ?? (first as number | undefined)); // checked there
    } else if (value === undefined || isFiniteNumber(value)) {
      this.table.add(this.table.slotOf(first), -(value ?? 1));
    } else {
      refuse(this.table, FINITE, value);
    }
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
      this.#childOf(this.joinLabels(labels, endLabels)).set(seconds);
      return seconds;
    };
  }

  protected override createChild(labelValues: readonly string[]): GaugeChild {
    return new GaugeChild(this, labelValues);
  }

  #childOf(labels: object | undefined): GaugeChild {
    return isObject(labels) ? this.labels(labels as LabelValues<L>) : this.only; // checked there
  }
}

export class GaugeChild extends BoundSeries<Instrument<string>> {
  /** Adds to the series, 1 by default. */
  inc(value = 1): void {
    if (!isFiniteNumber(value)) {
      refuse(this.table, FINITE, value);
      return;
    }
    this.table.add(this.slot >= 0 ? this.slot : this.table.attach(this), value);
  }

  /** Subtracts from the series, 1 by default. */
  dec(value = 1): void {
    if (!isFiniteNumber(value)) {
      refuse(this.table, FINITE, value);
      return;
    }
    this.table.add(this.slot >= 0 ? this.slot : this.table.attach(this), -value);
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
