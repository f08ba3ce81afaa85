import './results.css';
import { formatDuration, formatTime } from '../../format/time.ts';
import { Button } from '../../ui/buttons/button.tsx';
import { CopyButton } from '../../ui/buttons/copy-button.tsx';
import { Tabs } from '../../ui/buttons/tabs.tsx';
import { Badge } from '../../ui/status/badge.tsx';
import { EmptyState } from '../../ui/status/empty-state.tsx';
import { Skeleton } from '../../ui/status/skeleton.tsx';
import { isUtc, resetZoom, view } from '../../view/view.ts';
import { chartCsv, tableCsv } from './csv.ts';
import type { LetteredResult } from './drawn-series.ts';
import { Examples } from './examples.tsx';
import { InstantResults, type InstantResultsProps } from './instant-results.tsx';
import { RangeResults, useRangeResults } from './range-results.tsx';
import { isStale, type RowResults, resultsStatus } from './row-results.ts';

/** The chart, its points as a table, or the values at its end as a table. */
export type ResultsView = 'chart' | 'points' | 'table';

const VIEWS: readonly { readonly value: ResultsView; readonly text: string; readonly title: string }[] = [
  { value: 'chart', text: 'Chart', title: 'Lines over time' },
  { value: 'points', text: 'Points', title: "The chart's points as a table" },
  { value: 'table', text: 'Table', title: 'All series, with the value at the end of the range' },
];

export function isResultsView(text: string | null): text is ResultsView {
  return VIEWS.some(({ value }) => value === text);
}

export interface LetteredRow {
  readonly letter: string;
  readonly state: RowResults;
}

export interface ResultsProps {
  /** Of the queries that ran. */
  readonly states: readonly LetteredRow[];
  readonly shown: ResultsView;
  readonly onShow: (view: ResultsView) => void;
  readonly onRetry: () => void;
  readonly onExample: (query: string) => void;
}

/** The results of the queries: one chart, or a table each. */
export function Results({ states, shown, onShow, onRetry, onExample }: ResultsProps) {
  const kind = shown === 'table' ? 'instant' : 'range';
  const ranges = states.flatMap(({ letter, state: { range } }) =>
    range === undefined ? [] : [{ letter, result: range }],
  );
  const instants = states.flatMap(({ letter, state: { instant } }) =>
    instant === undefined ? [] : [{ letter, result: instant }],
  );
  const data = useRangeResults(ranges);
  const known = states.map(({ state }) => state);
  const status = resultsStatus(known, kind);
  const { service } = view.value;
  const csvText = () =>
    kind === 'range' ? chartCsv(data.times, data.series) : tableCsv(instants.map(({ result }) => result));
  return (
    <section
      class="results"
      aria-label="Results"
      aria-busy={status === 'loading'}
      data-stale={known.some((state) => isStale(state, kind))}
    >
      <header class="results-head">
        <Tabs label="Results as" choices={VIEWS} value={shown} onChoose={onShow} />
        <p class="results-window">
          {kind === 'range' ? rangeText(ranges, isUtc.value) : instantText(instants, isUtc.value)}
        </p>
        {service !== null && <Badge tone="active">service="{service}"</Badge>}
        <div class="results-actions">
          <CopyButton what="link" text={() => window.location.href} />
          <CopyButton what="CSV" isDisabled={status !== 'ok'} text={csvText} />
        </div>
      </header>
      {status === 'none' && <Examples onChoose={onExample} />}
      {status === 'loading' && <Skeleton class="results-skeleton" />}
      {status === 'error' && (
        <EmptyState icon="warning" tone="failure" title="No result">
          <p>The reason is below the query.</p>
          <Button onClick={onRetry}>Try again</Button>
        </EmptyState>
      )}
      {status === 'empty' && (
        <EmptyState title="No series match">
          <p>
            The query is valid, but no series in this time range matches it
            {service !== null && ` for ${service}`}.
          </p>
          {view.value.window !== null && (
            <Button onClick={resetZoom}>Back to the last {view.value.range}</Button>
          )}
        </EmptyState>
      )}
      {status === 'ok' && kind === 'range' && (
        <RangeResults data={data} isTable={shown === 'points'} onTable={() => onShow('table')} />
      )}
      {status === 'ok' && kind === 'instant' && <InstantResults results={instants} />}
    </section>
  );
}

/** `2026-01-31 10:00:00 – 11:00:00, step 15 s` */
function rangeText(ranges: readonly LetteredResult[], utc: boolean): string {
  const [first] = ranges;
  const start = first?.result.times[0];
  const end = first?.result.times.at(-1);
  if (first === undefined || start === undefined || end === undefined) return '';
  const [from, to] = [formatTime(start, { isUtc: utc }), formatTime(end, { isUtc: utc })];
  const isSameDay = from.slice(0, 10) === to.slice(0, 10);
  const zone = utc ? ' UTC' : '';
  return `${from} – ${isSameDay ? to.slice(11) : to}${zone}, step ${formatDuration(first.result.step)}`;
}

function instantText(results: InstantResultsProps['results'], utc: boolean): string {
  const [first] = results;
  return first === undefined ? '' : `At ${formatTime(first.result.time, { isUtc: utc })}${utc ? ' UTC' : ''}`;
}
