import type { ChartSeries } from './series-style.ts';

/** A series in one number; null if the series has no value. */

/** How much may be missing at the end, because a scrape is late, while the last value still counts as current. */
const RECENT_POINTS = 4;
const RECENT_SECONDS = 300;

/**
 * The value at the end; null if the series ended earlier: a series that stopped has no current value. `times` are the
 * times of the values, in seconds: if points are far apart, even the last but one may be hours old.
 */
export function currentValue(values: readonly (number | null)[], times: readonly number[]): number | null {
  const end = times.at(-1) ?? 0;
  const recent = values.slice(-RECENT_POINTS);
  const offset = values.length - recent.length;
  return (
    recent.findLast((value, i) => value !== null && end - (times[offset + i] ?? 0) <= RECENT_SECONDS) ?? null
  );
}

export interface Summary {
  readonly min: number | null;
  readonly mean: number | null;
  readonly max: number | null;
  readonly last: number | null;
}

export function summaryOf(values: readonly (number | null)[]): Summary {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return { min: null, mean: null, max: null, last: null };
  return {
    min: known.reduce((a, b) => Math.min(a, b)),
    mean: known.reduce((a, b) => a + b) / known.length,
    max: known.reduce((a, b) => Math.max(a, b)),
    last: known.at(-1) ?? null,
  };
}

/** Whether no series has any value, now or earlier. */
export function hasNoValue(series: readonly Pick<ChartSeries, 'values' | 'earlier'>[]): boolean {
  return series.every(({ values, earlier = [] }) => [...values, ...earlier].every((value) => value === null));
}
