import type { ExemplarLabels } from '../series/exemplar.ts';
import type { SeriesHandle, SeriesTable } from '../series/series-table.ts';
import { describe } from '../series/validation.ts';
import type { Instrument } from './instrument.ts';

/*
 * Bound children: one series each, for code that counts often. A write is a check of the number, an addition
 * in the table's array and a mark of the epoch: a few nanoseconds, no look-up, nothing allocated.
 */

/** Throws unless the value is a finite number from 0 up. `inc(NaN)` would be NaN for ever after. */
export function checkIncrease(metric: string, value: unknown): void {
  if (typeof value === 'number' && value >= 0 && value < Infinity) return;
  throw new TypeError(
    `${metric}: expected a finite number of 0 or more, because a counter never falls; got ${describe(value)}`,
  );
}

/** Throws unless the value is a finite number. */
export function checkFinite(metric: string, value: unknown): void {
  if (typeof value === 'number' && value > -Infinity && value < Infinity) return;
  throw new TypeError(`${metric}: expected a finite number; got ${describe(value)}`);
}

/** Throws unless the value is a number, be it NaN or infinite. */
export function checkNumber(metric: string, value: unknown): void {
  if (typeof value !== 'number') throw new TypeError(`${metric}: expected a number; got ${describe(value)}`);
}

class BoundSeries<I extends Instrument<string>> implements SeriesHandle {
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

export class CounterChild extends BoundSeries<Instrument<string>> {
  /** Adds to the series, 1 unless told otherwise. */
  inc(value = 1, exemplarLabels?: ExemplarLabels): void {
    checkIncrease(this.instrument.family, value);
    const slot = this.slot >= 0 ? this.slot : this.table.attach(this);
    if (exemplarLabels !== undefined) this.instrument.keepExemplar(slot, 0, exemplarLabels, value);
    this.table.add(slot, value);
  }

  /**
   * Shows a cumulative total that is owned elsewhere. A total below the last one means that its owner began
   * again, as a restart does: `_created` is then now.
   */
  setTotal(total: number): void {
    checkIncrease(this.instrument.family, total);
    const { table } = this;
    const slot = this.slot >= 0 ? this.slot : table.attach(this);
    if (total < (table.values[slot] ?? 0)) table.restart(slot);
    table.set(slot, total);
  }
}

export class GaugeChild extends BoundSeries<Instrument<string>> {
  /** Adds to the series, 1 unless told otherwise. */
  inc(value = 1): void {
    checkFinite(this.instrument.family, value);
    this.table.add(this.slot >= 0 ? this.slot : this.table.attach(this), value);
  }

  /** Takes away from the series, 1 unless told otherwise. */
  dec(value = 1): void {
    checkFinite(this.instrument.family, value);
    this.table.add(this.slot >= 0 ? this.slot : this.table.attach(this), -value);
  }

  /** Any number, NaN and the infinities included. */
  set(value: number): void {
    checkNumber(this.instrument.family, value);
    this.table.set(this.slot >= 0 ? this.slot : this.table.attach(this), value);
  }

  /** Unix time in seconds. */
  setToCurrentTime(): void {
    this.set(Date.now() / 1000);
  }

  /** Answers a function that sets the series to the seconds since this call, and answers them. */
  startTimer(): () => number {
    const startMs = performance.now();
    return () => {
      const seconds = (performance.now() - startMs) / 1000;
      this.set(seconds);
      return seconds;
    };
  }
}

/** A histogram as its children see it. */
export interface Bucketed extends Instrument<string> {
  readonly bounds: Float64Array;
}

export class HistogramChild extends BoundSeries<Bucketed> {
  observe(value: number, exemplarLabels?: ExemplarLabels): void {
    checkFinite(this.instrument.family, value);
    const slot = this.slot >= 0 ? this.slot : this.table.attach(this);
    const { bounds } = this.instrument;
    if (exemplarLabels !== undefined) {
      this.instrument.keepExemplar(slot, bucketOf(bounds, value), exemplarLabels, value);
    }
    observeAt(this.table, slot, bounds, value);
  }

  /** Answers a function that observes the seconds since this call, and answers them. */
  startTimer(): (exemplarLabels?: ExemplarLabels) => number {
    const startMs = performance.now();
    return (exemplarLabels) => {
      const seconds = (performance.now() - startMs) / 1000;
      this.observe(seconds, exemplarLabels);
      return seconds;
    };
  }
}

/** Counts a finite value in its bucket and in the sum, which is the series' last number. */
export function observeAt(table: SeriesTable, slot: number, bounds: Float64Array, value: number): void {
  table.add(slot, 1, bucketOf(bounds, value));
  table.add(slot, value, table.width - 1);
}

/** Up to here a scan is faster than halving: its branches are easier to predict. */
const SCAN_LIMIT = 24;

/** The first bucket whose bound is not below the value; the one past the last for +Inf. */
function bucketOf(bounds: Float64Array, value: number): number {
  let low = 0;
  let high = bounds.length;
  while (high - low > SCAN_LIMIT) {
    const middle = (low + high) >>> 1;
    if (value > (bounds[middle] ?? 0)) low = middle + 1;
    else high = middle;
  }
  while (low < high && value > (bounds[low] ?? 0)) low += 1;
  return low;
}
