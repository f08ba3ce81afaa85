/** What a series says in one number. All are null where it has no value. */

export function lastValue(values: readonly (number | null)[]): number | null {
  return values.findLast((value) => value !== null) ?? null;
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
