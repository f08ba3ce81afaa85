import type { Labels, RangeResult } from './query-result.ts';

/** As many lines as can still be told from one another, and drawn at once. */
export const MOST_DRAWN = 50;

/** A label set in PromQL form: `name{a="b",c="d"}`; `{}` when there are none. */
export function labelsText(labels: Labels): string {
  const { __name__: name = '', ...others } = labels;
  const pairs = Object.keys(others)
    .sort()
    .map((label) => `${label}="${escaped(others[label] ?? '')}"`);
  return pairs.length === 0 && name !== '' ? name : `${name}{${pairs.join(',')}}`;
}

/** Letters for queries: A … Z, then A1 … */
export function queryLetter(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : `${letter}${Math.floor(index / 26)}`;
}

export interface LetteredResult {
  readonly letter: string;
  readonly result: RangeResult;
}

export interface DrawnSeries {
  /** What tells it from the others. */
  readonly legend: string;
  /** With all its labels. */
  readonly name: string;
  readonly values: readonly (number | null)[];
}

/**
 * The series that are drawn, all on `times`. Every query gets its share of the places. A series without labels is
 * named for its query; where there are several queries, each series has its letter; no two have the same legend.
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
    const telling = distinguishingLabels(result.series.map(({ labels }) => labels));
    const textOf = (labels: Labels) => {
      const text = Object.keys(labels).length === 0 ? result.query : labelsText(labels);
      return results.length > 1 ? `${letter}  ${text}` : text;
    };
    return result.series.slice(0, shares[i]).map(({ labels, values }) => ({
      legend: uniqueLegend(textOf(telling.length === 0 ? labels : picked(labels, telling))),
      name: uniqueName(textOf(labels)),
      values: times.map((t) => values.get(t) ?? null),
    }));
  });
}

/**
 * The labels that tell these series from one another: none that all share, and of those that always change together
 * only the one that says most, so that a legend has room for what differs.
 */
export function distinguishingLabels(all: readonly Labels[]): string[] {
  const byPattern = new Map<string, string>();
  for (const label of [...new Set(all.flatMap(Object.keys))].sort(bySaying)) {
    const values = all.map((labels) => labels[label] ?? '');
    if (values.every((value) => value === values[0])) continue;
    const ids = new Map([...new Set(values)].map((value, i) => [value, i]));
    const pattern = values.map((value) => ids.get(value)).join();
    if (!byPattern.has(pattern)) byPattern.set(pattern, label);
  }
  return [...byPattern.values()];
}

/** Those that people gave a meaning before those that say where it was scraped. */
const SAY_LEAST = ['service', 'job', 'instance'];

function bySaying(a: string, b: string): number {
  return SAY_LEAST.indexOf(a) - SAY_LEAST.indexOf(b) || (a < b ? -1 : 1);
}

function picked(labels: Labels, names: readonly string[]): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => names.includes(name)));
}

/** Tells equal texts apart: the second is `… (2)`. */
function numbered(): (text: string) => string {
  const taken = new Map<string, number>();
  return (text) => {
    const nth = (taken.get(text) ?? 0) + 1;
    taken.set(text, nth);
    return nth === 1 ? text : `${text} (${nth})`;
  };
}

/** How many of each may be taken, so that the sum is at most `most` and the small ones lose nothing to the large. */
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

/** As in a PromQL string: backslashes, quotes and line ends escaped. */
function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
