/** What a series says in one number. All are null where it has no value. */

/** Points that may be missing at the end, as a late scrape's, before a value is no longer the current one. */
const RECENT_POINTS = 4;

/** The value at the end; null where it ended earlier: what stopped has no current value. */
export function currentValue(values: readonly (number | null)[]): number | null {
  return values.slice(-RECENT_POINTS).findLast((value) => value !== null) ?? null;
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

/** Whether no series has any value. */
export function hasNoValue(series: readonly { readonly values: readonly (number | null)[] }[]): boolean {
  return series.every(({ values }) => values.every((value) => value === null));
}
