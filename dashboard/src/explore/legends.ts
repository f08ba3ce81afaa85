import type { Labels, RangeAnswer } from './answer.ts';

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

export interface LetteredAnswer {
  readonly letter: string;
  readonly answer: RangeAnswer;
}

export interface DrawnSeries {
  readonly legend: string;
  readonly values: readonly (number | null)[];
}

/**
 * The series that are drawn, all on `times`. Every query gets its share of the places. A series without labels is
 * named for its query; where there are several queries, each series has its letter; no two have the same name.
 */
export function drawnSeries(
  answers: readonly LetteredAnswer[],
  times: readonly number[],
  most: number = MOST_DRAWN,
): DrawnSeries[] {
  const shares = sharesOf(
    answers.map(({ answer }) => answer.series.length),
    most,
  );
  const taken = new Map<string, number>();
  return answers.flatMap(({ letter, answer }, i) =>
    answer.series.slice(0, shares[i]).map(({ labels, values }) => {
      const text = Object.keys(labels).length === 0 ? answer.query : labelsText(labels);
      const name = answers.length > 1 ? `${letter}  ${text}` : text;
      const nth = (taken.get(name) ?? 0) + 1;
      taken.set(name, nth);
      return {
        legend: nth === 1 ? name : `${name} (${nth})`,
        values: times.map((t) => values.get(t) ?? null),
      };
    }),
  );
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
