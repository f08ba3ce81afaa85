import './sample-table.css';
import './results.css';
import { useMemo, useState } from 'preact/hooks';
import { formatTime } from '../../format/time.ts';
import { isUtc } from '../../view/view.ts';
import type { InstantResult } from './query-result.ts';
import { nextSort, type Sort, type SortColumn, shownValue, sorted, tableOf } from './sample-order.ts';

/** As many rows as a browser draws without a pause. */
const MOST_ROWS = 1_000;

export interface SampleTableProps {
  readonly result: InstantResult;
  readonly letter: string;
}

/** The samples of an instant query: a column for each label, and the value. Its title and the CSV have all digits. */
export function SampleTable({ result, letter }: SampleTableProps) {
  const [sort, setSort] = useState<Sort | null>(null);
  const { labels, hasTimes } = useMemo(() => tableOf(result.samples), [result]);
  const rows = useMemo(() => sorted(result.samples, sort), [result, sort]);
  const columns: readonly { column: SortColumn; text: string }[] = [
    ...labels.map((label) => ({ column: `label:${label}` as const, text: label })),
    ...(hasTimes ? [{ column: 'time' as const, text: isUtc.value ? 'Time (UTC)' : 'Time' }] : []),
    { column: 'value', text: 'Value' },
  ];
  return (
    <>
      {rows.length > MOST_ROWS && (
        <p class="results-note">
          {MOST_ROWS.toLocaleString('en')} of {rows.length.toLocaleString('en')} rows shown; the CSV has all.
        </p>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section class="sample-table" tabIndex={0} aria-label={`Query ${letter}: table`}>
        <table>
          <thead>
            <tr>
              {columns.map(({ column, text }) => (
                <SortHead key={column} column={column} text={text} sort={sort} onSort={setSort} />
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, MOST_ROWS).map((sample) => (
              <tr key={`${JSON.stringify(sample.labels)}${sample.time}`}>
                {labels.map((label) => (
                  <td key={label}>{sample.labels[label] ?? ''}</td>
                ))}
                {hasTimes && <td>{formatTime(sample.time, { isUtc: isUtc.value })}</td>}
                <td class="sample-value" title={sample.value}>
                  {shownValue(sample.value)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}

interface SortHeadProps {
  readonly column: SortColumn;
  readonly text: string;
  readonly sort: Sort | null;
  readonly onSort: (sort: Sort | null) => void;
}

function SortHead({ column, text, sort, onSort }: SortHeadProps) {
  const direction = sort?.column !== column ? 'none' : sort.isDescending ? 'descending' : 'ascending';
  return (
    <th scope="col" aria-sort={direction} class={column === 'value' ? 'sample-value' : undefined}>
      <button type="button" onClick={() => onSort(nextSort(sort, column))}>
        {text}
        <span class="sort-mark" aria-hidden="true">
          {{ none: '', ascending: '▲', descending: '▼' }[direction]}
        </span>
      </button>
    </th>
  );
}
