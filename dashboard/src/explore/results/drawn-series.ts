import type { Labels, RangeResult } from './query-result.ts';
import { distinguishingLabels, labelsText } from './series-labels.ts';

/** With more lines nobody could tell them apart. */
export const MOST_DRAWN = 50;

export interface LetteredResult {
  readonly letter: string;
  readonly result: RangeResult;
}

export interface DrawnSeries {
  /** The labels that tell it from the others. */
  readonly legend: string;
  /** All its labels. */
  readonly name: string;
  readonly values: readonly (number | null)[];
}

/**
 * The series to draw, all on `times`. Every query gets its share of the places, for its largest series. A series without labels is named after
 * its query. With several queries, each legend begins with the query's letter. No two legends are the same.
 */
export function drawnSeries(
  results: readonly LetteredResult[],
  times: readonly number[],
  most: number = MOST_DRAWN,
): DrawnSeries[] {
  const shares = sharesOf(
    results.map(({ result }) => result.series.length),
    most,
  );
  const uniqueLegend = numbered();
  const uniqueName = numbered();
  return results.flatMap(({ letter, result }, i) => {
    const distinguishing = distinguishingLabels(result.series.map(({ labels }) => labels));
    const textOf = (labels: Labels) => {
      const text = Object.keys(labels).length === 0 ? result.query : labelsText(labels);
      return results.length > 1 ? `${letter}  ${text}` : text;
    };
    return largest(result.series, shares[i] ?? 0).map(({ labels, values }) => ({
      legend: uniqueLegend(textOf(distinguishing.length === 0 ? labels : picked(labels, distinguishing))),
      name: uniqueName(textOf(labels)),
      values: times.map((t) => values.get(t) ?? null),
    }));
  });
}

function picked(labels: Labels, names: readonly string[]): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => names.includes(name)));
}

/** Those with the largest sums, in their own order. */
function largest(all: RangeResult['series'], count: number): RangeResult['series'] {
  if (all.length <= count) return all;
  const sums = new Map(
    all.map((series) => [series, series.values.values().reduce((sum, value) => sum + value, 0)]),
  );
  const kept = new Set(all.toSorted((a, b) => (sums.get(b) ?? 0) - (sums.get(a) ?? 0)).slice(0, count));
  return all.filter((series) => kept.has(series));
}

/** Makes equal texts differ: the second is `… (2)`. */
function numbered(): (text: string) => string {
  const taken = new Map<string, number>();
  return (text) => {
    const nth = (taken.get(text) ?? 0) + 1;
    taken.set(text, nth);
    return nth === 1 ? text : `${text} (${nth})`;
  };
}

/** How many to take of each count: at most `most` in all, and small counts lose nothing to large ones. */
export function sharesOf(counts: readonly number[], most: number): number[] {
  const shares = counts.map(() => 0);
  let left = most;
  const smallestFirst = counts.map((count, i) => ({ count, i })).sort((a, b) => a.count - b.count);
  for (const [position, { count, i }] of smallestFirst.entries()) {
    const share = Math.min(count, Math.ceil(left / (counts.length - position)));
    shares[i] = share;
    left -= share;
  }
  return shares;
}
