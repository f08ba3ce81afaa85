import type { Sample } from './query-result.ts';

export interface SampleTable {
  /** All labels of the samples: the metric's name first, then by alphabet. */
  readonly labels: readonly string[];
  /** Whether a series has several samples. Each row then shows its time. */
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

/** A value for a cell: six significant digits, and whole numbers in full. The cell's title has all digits. */
export function shownValue(value: string): string {
  const number = Number(value);
  const size = Math.abs(number);
  if (!Number.isFinite(number) || Number.isInteger(number) || size < 1e-6 || size >= 1e15) return value;
  return String(Number(number.toPrecision(6)));
}

/** A column to sort by: `value`, `time`, or `label:` and a label's name, because any word may be a label. */
export type SortColumn = 'value' | 'time' | `label:${string}`;

export interface Sort {
  readonly column: SortColumn;
  readonly isDescending: boolean;
}

/** The order after a click on a column's head. Values begin with the largest, words with the first. */
export function nextSort(current: Sort | null, column: SortColumn): Sort | null {
  const first = { column, isDescending: column === 'value' };
  if (current?.column !== column) return first;
  return current.isDescending === first.isDescending ? { column, isDescending: !first.isDescending } : null;
}

/** A sorted copy; null keeps the server's order. Equal samples keep it as well. */
export function sorted(samples: readonly Sample[], sort: Sort | null): readonly Sample[] {
  if (sort === null) return samples;
  const sign = sort.isDescending ? -1 : 1;
  return samples.toSorted((a, b) => sign * compared(cell(a, sort.column), cell(b, sort.column)));
}

function cell(sample: Sample, column: SortColumn): string {
  if (column === 'value') return sample.value;
  return column === 'time' ? String(sample.time) : (sample.labels[column.slice('label:'.length)] ?? '');
}

/** Orders numbers by size (`le` holds +Inf) with NaN first, and words by alphabet with numbers in them by size. */
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
