import './explore-page.css';
import { useEffect, useState } from 'preact/hooks';
import { MissingScope } from '../access/missing-scope.tsx';
import { lacks } from '../api/access.ts';
import { refreshAll } from '../api/use-live-data.ts';
import { search, setSearch } from '../navigation/router.ts';
import { Button } from '../ui/buttons/button.tsx';
import { pointsFor } from '../view/time-window.ts';
import { HistoryDialog } from './queries/history-dialog.tsx';
import { QueryCard } from './queries/query-card.tsx';
import { queryLetter } from './queries/query-rows.ts';
import { useQueryRows } from './queries/use-query-rows.ts';
import type { ResultKind } from './results/query-result.ts';
import { isResultsView, Results } from './results/results.tsx';
import { type RowResults, withReport } from './results/row-results.ts';

/** Any PromQL as chart and tables. Each `?q=` of the URL holds a query; `?show=` chooses a table. */
export function ExplorePage() {
  return (
    <div class="explore">
      <h1 class="visually-hidden">Explore</h1>
      {lacks('metrics:read') ? <MissingScope scope="metrics:read" /> : <Queries />}
    </div>
  );
}

function Queries() {
  const { rows, run, runWith, write, add, remove } = useQueryRows();
  const [states, setStates] = useState<ReadonlyMap<number, RowResults>>(new Map());
  const [historyFor, setHistoryFor] = useState<number | null>(null);
  const [focused, setFocused] = useState<number | null>(null);
  const points = usePoints();
  const show = search.value.get('show');
  const shown = isResultsView(show) ? show : 'chart';
  const kind: ResultKind = shown === 'table' ? 'instant' : 'range';
  const lettered = rows.map((row, i) => ({ row, letter: queryLetter(i) }));
  const known = lettered.flatMap(({ row, letter }) => {
    const state = row.ran === '' ? undefined : (states.get(row.id) ?? RUNNING);
    return state === undefined ? [] : [{ letter, state }];
  });
  const historyRow = lettered.find(({ row }) => row.id === historyFor);
  return (
    <>
      <ul class="query-list" aria-label="Queries">
        {lettered.map(({ row, letter }) => (
          <QueryCard
            key={row.id}
            row={row}
            letter={letter}
            kind={kind}
            points={points}
            isShown={states.get(row.id)?.[kind] !== undefined}
            canRemove={rows.length > 1 || row.draft !== ''}
            isFocused={row.id === focused}
            onReport={(live) =>
              setStates((before) => new Map(before).set(row.id, withReport(before.get(row.id), live)))
            }
            onWrite={(draft) => write(row.id, draft)}
            onRun={run}
            onHistory={() => setHistoryFor(row.id)}
            onRemove={() => remove(row.id)}
          />
        ))}
      </ul>
      <div class="explore-actions">
        <Button kind="primary" icon="play" onClick={run}>
          {rows.length > 1 ? 'Run all' : 'Run'}
        </Button>
        <Button
          onClick={() => {
            setFocused(Math.max(...rows.map(({ id }) => id)) + 1);
            add();
          }}
        >
          Add query
        </Button>
        <p class="explore-hint">
          <kbd>Ctrl</kbd> <kbd>Enter</kbd> runs, <kbd>Ctrl</kbd> <kbd>Space</kbd> completes
        </p>
      </div>
      <Results
        states={known}
        shown={shown}
        onShow={(next) => setSearch({ show: next === 'chart' ? null : next }, { replace: true })}
        onRetry={refreshAll}
        onExample={(query) => runWith(rows[0]?.id ?? 0, query)}
      />
      {historyRow !== undefined && (
        <HistoryDialog
          letter={historyRow.letter}
          onChoose={(query) => {
            setHistoryFor(null);
            runWith(historyRow.row.id, query);
          }}
          onClose={() => setHistoryFor(null)}
        />
      )}
    </>
  );
}

/** A row whose query runs, without a response so far. */
const RUNNING: RowResults = { live: { data: undefined, error: undefined } };

/** How many points the chart has room for. */
function usePoints(): number {
  const [points, setPoints] = useState(pointsOfWindow);
  useEffect(() => {
    const onResize = () => setPoints(pointsOfWindow());
    window.addEventListener('resize', onResize);
    return () => window.removeEventListener('resize', onResize);
  }, []);
  return points;
}

function pointsOfWindow(): number {
  return pointsFor(Math.min(window.innerWidth, 1_920));
}
