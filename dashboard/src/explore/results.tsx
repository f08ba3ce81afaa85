import { formatDuration, formatTime } from '../format.ts';
import { Badge } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { isUtc, resetZoom, view } from '../view.ts';
import { chartCsv, tableCsv } from './csv.ts';
import { Examples } from './examples.tsx';
import { InstantResults, type InstantResultsProps } from './instant-results.tsx';
import type { LetteredAnswer } from './legends.ts';
import { RangeResults, useRangeResults } from './range-results.tsx';
import { isStale, type RowState, resultsStatus } from './row-state.ts';

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

export interface LetteredState {
  readonly letter: string;
  readonly state: RowState;
}

export interface ResultsProps {
  /** Of the queries that were run. */
  readonly states: readonly LetteredState[];
  readonly shown: ResultsView;
  readonly onShow: (view: ResultsView) => void;
  readonly onRetry: () => void;
  readonly onExample: (query: string) => void;
}

/** What the queries came to, as one chart or as a table each. */
export function Results({ states, shown, onShow, onRetry, onExample }: ResultsProps) {
  const kind = shown === 'table' ? 'instant' : 'range';
  const ranges = states.flatMap(({ letter, state: { range } }) =>
    range === undefined ? [] : [{ letter, answer: range }],
  );
  const instants = states.flatMap(({ letter, state: { instant } }) =>
    instant === undefined ? [] : [{ letter, answer: instant }],
  );
  const data = useRangeResults(ranges);
  const known = states.map(({ state }) => state);
  const status = resultsStatus(known, kind);
  const { service } = view.value;
  const csvText = () =>
    kind === 'range' ? chartCsv(data.times, data.series) : tableCsv(instants.map(({ answer }) => answer));
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
      {status === 'loading' && <div class="skeleton results-skeleton" />}
      {status === 'error' && (
        <EmptyState icon="warning" tone="failure" title="There is no answer">
          <p>The reason is beside the query.</p>
          <Button onClick={onRetry}>Try again</Button>
        </EmptyState>
      )}
      {status === 'empty' && (
        <EmptyState title="No series match">
          <p>
            The query is valid, but nothing was measured that fits it in this time
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
      {status === 'ok' && kind === 'instant' && <InstantResults answers={instants} />}
    </section>
  );
}

/** `2026-01-31 10:00:00 – 11:00:00, a point every 15 s` */
function rangeText(ranges: readonly LetteredAnswer[], utc: boolean): string {
  const [first] = ranges;
  const start = first?.answer.times[0];
  const end = first?.answer.times.at(-1);
  if (first === undefined || start === undefined || end === undefined) return '';
  const [from, to] = [formatTime(start, { isUtc: utc }), formatTime(end, { isUtc: utc })];
  const isSameDay = from.slice(0, 10) === to.slice(0, 10);
  const zone = utc ? ' UTC' : '';
  return `${from} – ${isSameDay ? to.slice(11) : to}${zone}, step ${formatDuration(first.answer.step)}`;
}

function instantText(answers: InstantResultsProps['answers'], utc: boolean): string {
  const [first] = answers;
  return first === undefined ? '' : `At ${formatTime(first.answer.time, { isUtc: utc })}${utc ? ' UTC' : ''}`;
}
