import { useMemo } from 'preact/hooks';
import { Chart } from '../charts/chart.tsx';
import { seriesStyles } from '../charts/series-style.ts';
import { formatDuration, formatTime } from '../format.ts';
import { Badge } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { changeView, isUtc, resetZoom, view } from '../view.ts';
import type { AnswerKind, InstantAnswer } from './answer.ts';
import { chartCsv, tableCsv } from './csv.ts';
import { Examples } from './examples.tsx';
import { drawnSeries, type LetteredAnswer } from './legends.ts';
import { isStale, type RowState, resultsStatus } from './row-state.ts';
import { SampleTable } from './sample-table.tsx';

const PLOT_HEIGHT = 340;

export interface LetteredState {
  readonly letter: string;
  readonly state: RowState;
}

export interface ResultsProps {
  /** Of the queries that were run. */
  readonly states: readonly LetteredState[];
  readonly kind: AnswerKind;
  readonly onKind: (kind: AnswerKind) => void;
  readonly onRetry: () => void;
  readonly onExample: (query: string) => void;
}

/** What the queries came to, as one chart or as a table each. */
export function Results({ states, kind, onKind, onRetry, onExample }: ResultsProps) {
  const ranges = states.flatMap(({ letter, state: { range } }) =>
    range === undefined ? [] : [{ letter, answer: range }],
  );
  const instants = states.flatMap(({ letter, state: { instant } }) =>
    instant === undefined ? [] : [{ letter, answer: instant }],
  );
  const chart = useChart(ranges);
  const known = states.map(({ state }) => state);
  const status = resultsStatus(known, kind);
  const { service } = view.value;
  const csvText = () =>
    kind === 'range' ? chartCsv(chart.times, chart.series) : tableCsv(instants.map(({ answer }) => answer));
  return (
    <section
      class="results"
      aria-label="Results"
      aria-busy={status === 'loading'}
      data-stale={known.some((state) => isStale(state, kind))}
    >
      <header class="results-head">
        <Tabs<AnswerKind>
          label="Results as"
          choices={[
            { value: 'range', text: 'Chart' },
            { value: 'instant', text: 'Table' },
          ]}
          value={kind}
          onChoose={onKind}
        />
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
          The query is valid, but nothing was measured that fits it in this time
          {service !== null && ` for ${service}`}.
        </EmptyState>
      )}
      {status === 'ok' && kind === 'range' && (
        <RangeResults chart={chart} onTable={() => onKind('instant')} />
      )}
      {status === 'ok' && kind === 'instant' && <InstantResults answers={instants} />}
    </section>
  );
}

function useChart(ranges: readonly LetteredAnswer[]) {
  return useMemo(
    () => {
      const times = [...new Set(ranges.flatMap(({ answer }) => answer.times))].sort((a, b) => a - b);
      const series = drawnSeries(ranges, times);
      const styles = seriesStyles(series.map(({ legend }) => legend));
      const styled = series.map((each, i) => ({ ...each, ...(styles[i] ?? { color: '--series-1' }) }));
      return {
        times,
        series: styled,
        total: ranges.reduce((sum, { answer }) => sum + answer.series.length, 0),
      };
    },
    // The list is made anew at each render; its answers are not.
    ranges.flatMap(({ letter, answer }) => [letter, answer]),
  );
}

interface RangeResultsProps {
  readonly chart: ReturnType<typeof useChart>;
  readonly onTable: () => void;
}

function RangeResults({ chart: { times, series, total }, onTable }: RangeResultsProps) {
  return (
    <>
      {series.length < total && (
        <p class="results-note">
          {series.length} of {total.toLocaleString('en')} series shown.{' '}
          <button type="button" class="link-button" onClick={onTable}>
            The table has all
          </button>
        </p>
      )}
      <Chart
        title="Results"
        unit="none"
        times={times}
        series={series}
        height={PLOT_HEIGHT}
        onZoom={(window) => changeView({ window })}
        onReset={resetZoom}
      />
    </>
  );
}

interface InstantResultsProps {
  readonly answers: readonly { readonly letter: string; readonly answer: InstantAnswer }[];
}

function InstantResults({ answers }: InstantResultsProps) {
  return (
    <>
      {answers.map(({ letter, answer }) => (
        <div key={letter} class="sample-block">
          {answers.length > 1 && (
            <h2 class="sample-title">
              <span class="query-letter">{letter}</span>
              <code title={answer.query}>{answer.query}</code>
            </h2>
          )}
          {answer.samples.length === 0 ? (
            <p class="results-note">No series match</p>
          ) : (
            <SampleTable answer={answer} letter={letter} />
          )}
        </div>
      ))}
    </>
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
