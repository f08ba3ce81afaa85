import type { Sample } from './query-result.ts';

export interface SampleTable {
  /** The labels that any of the samples has: the metric's name first, then by alphabet. */
  readonly labels: readonly string[];
  /** Whether a series has several samples: then each row needs its time. */
  readonly hasTimes: boolean;
}

export function tableOf(samples: readonly Sample[]): SampleTable {
  const labels = new Set(samples.flatMap((sample) => Object.keys(sample.labels)));
  const others = [...labels].filter((label) => label !== '__name__').sort();
  return {
    labels: labels.has('__name__') ? ['__name__', ...others] : others,
    hasTimes: new Set(samples.map(({ time }) => time)).size > 1,
  };
}

/** A value as it is shown: six digits that count, and whole numbers as they are; the cell's title has all of it. */
export function shownValue(value: string): string {
  const number = Number(value);
  const size = Math.abs(number);
  if (!Number.isFinite(number) || Number.isInteger(number) || size < 1e-6 || size >= 1e15) return value;
  return String(Number(number.toPrecision(6)));
}

/** A column to sort by: `value`, `time`, or a label with `label:` before it, as any word may be a label. */
export type SortColumn = 'value' | 'time' | `label:${string}`;

export interface Sort {
  readonly column: SortColumn;
  readonly isDescending: boolean;
}

/** What a click on the head of a column leads to: values begin with the largest, words with the first. */
export function nextSort(current: Sort | null, column: SortColumn): Sort | null {
  const first = { column, isDescending: column === 'value' };
  if (current?.column !== column) return first;
  return current.isDescending === first.isDescending ? { column, isDescending: !first.isDescending } : null;
}

/** Sorted copies; null leaves the server's order. Equal ones keep it too. */
export function sorted(samples: readonly Sample[], sort: Sort | null): readonly Sample[] {
  if (sort === null) return samples;
  const sign = sort.isDescending ? -1 : 1;
  return samples.toSorted((a, b) => sign * compared(cell(a, sort.column), cell(b, sort.column)));
}

function cell(sample: Sample, column: SortColumn): string {
  if (column === 'value') return sample.value;
  return column === 'time' ? String(sample.time) : (sample.labels[column.slice('label:'.length)] ?? '');
}

/** Numbers by size (`le` holds +Inf), NaN before them, words by alphabet with the numbers in them by size. */
function compared(a: string, b: string): number {
  const [x, y] = [numberOf(a), numberOf(b)];
  if (x === null || y === null) return collator.compare(a, b);
  if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(y)) - Number(Number.isNaN(x));
  return x === y ? 0 : x < y ? -1 : 1;
}

const collator = new Intl.Collator('en', { numeric: true });
const WORDS: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  '+Inf': Number.POSITIVE_INFINITY,
  Inf: Number.POSITIVE_INFINITY,
  '-Inf': Number.NEGATIVE_INFINITY,
};

function numberOf(text: string): number | null {
  const word = WORDS[text];
  if (word !== undefined) return word;
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : null;
}
