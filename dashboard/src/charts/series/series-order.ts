import type { ChartSeries } from './series-style.ts';
import { currentValue } from './summary.ts';

/** The order of series if there is no room for all. */

const MOST_ROWS = 10;
/** So many rows appear whatever their values; further rows only if they are not zero. */
const FEW_ROWS = 4;

/** By their current value. Series that are zero or have ended come last. */
export function largestFirst<T extends Pick<ChartSeries, 'values'>>(
  series: readonly T[],
  times: readonly number[],
): readonly T[] {
  const current = new Map(series.map((each) => [each, currentValue(each.values, times) ?? -Infinity]));
  return series.toSorted((a, b) => (current.get(b) ?? 0) - (current.get(a) ?? 0));
}

export interface TooltipRows<T> {
  readonly rows: readonly { readonly series: T; readonly value: number | null }[];
  /** How many are left out, and whether all of those are zero. */
  readonly more: number;
  readonly areZero: boolean;
}

type Valued = Pick<ChartSeries, 'values' | 'earlier'>;

/** The largest first, then zeros, then series without a value. With many series, zeros are left out. */
export function tooltipRows<T extends Valued>(series: readonly T[], index: number): TooltipRows<T> {
  const rank = (value: number | null) => (value === null ? 2 : value === 0 ? 1 : 0);
  const all = series
    .map((each) => ({ series: each, value: each.values[index] ?? null }))
    .toSorted((a, b) => rank(a.value) - rank(b.value) || (b.value ?? 0) - (a.value ?? 0));
  const counting = all.filter(({ value }) => rank(value) === 0).length;
  const count = Math.min(Math.max(counting, FEW_ROWS), MOST_ROWS);
  const leftOut = all.slice(count);
  return {
    rows: all.slice(0, count),
    more: leftOut.length,
    areZero: leftOut.every(({ series: each, value }) => value === 0 && !each.earlier?.[index]),
  };
}
