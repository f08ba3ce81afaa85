import './query-status.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '../../api/api-error.ts';
import type { LiveData } from '../../api/poller.ts';
import { useLiveData } from '../../api/use-live-data.ts';
import { formatValue } from '../../format/quantity.ts';
import { formatTime } from '../../format/time.ts';
import { announce } from '../../ui/status/announce.tsx';
import { Badge } from '../../ui/status/badge.tsx';
import { isUtc, view } from '../../view/view.ts';
import { countOf, type QueryResult, type ResultKind } from '../results/query-result.ts';
import { isEmptyResult } from '../results/row-results.ts';
import { type QueryRequest, queryKey, runQuery } from '../results/run-query.ts';
import { tableOf } from '../results/sample-order.ts';
import { remember } from './history.ts';

export interface QueryStatusProps {
  readonly query: string;
  readonly letter: string;
  readonly kind: ResultKind;
  readonly points: number;
  /** Whether the page still shows an earlier result. */
  readonly isShown: boolean;
  readonly onReport: (live: LiveData<QueryResult>) => void;
}

/** Runs a query at the pace of the view's auto-refresh, and says how that went. */
export function QueryStatus({ query, letter, kind, points, isShown, onReport }: QueryStatusProps) {
  const request = { query, kind, view: view.value, points };
  const key = queryKey(request);
  const live = useResult(request, key);
  const isNew = live.data?.key !== key;
  useEffect(() => onReport(live), [live]);
  const told = useRef('');
  useEffect(() => {
    const said = live.error?.reason ?? (live.data === undefined || isNew ? '' : countText(live.data));
    if (said === '' || told.current === key + (live.error?.reason ?? '')) return;
    told.current = key + (live.error?.reason ?? '');
    announce(`Query ${letter}: ${said}`);
    if (live.error === undefined) remember(window.localStorage, query, Date.now() / 1000);
  }, [live]);

  if (live.error !== undefined) return <Failure live={live} isShown={isShown} />;
  if (live.data === undefined || isNew) return <p class="query-note">Running…</p>;
  return (
    <p class="query-note">
      {countText(live.data)} in {formatValue(live.data.tookSeconds, 'seconds')}
    </p>
  );
}

function Failure({ live, isShown }: { readonly live: LiveData<QueryResult>; readonly isShown: boolean }) {
  const { error, updatedAt, status } = live;
  return (
    <div class="query-failure">
      <p class="query-error">{error?.reason}</p>
      {isShown && (
        <Badge tone="warning">
          {status === 'stale'
            ? `Stale since ${formatTime(updatedAt ?? 0, { isUtc: isUtc.value, show: 'time' })}`
            : 'Showing the previous result'}
        </Badge>
      )}
    </div>
  );
}

/** A window in the past and a query that the API refused are loaded once only. */
function useResult(request: QueryRequest, key: string): LiveData<QueryResult> {
  const [refused, setRefused] = useState('');
  const { window } = request.view;
  const isPast = window !== null && window.end < Date.now() / 1000;
  return useLiveData<QueryResult>({
    key,
    load: async (signal) => {
      try {
        return await runQuery(request, signal);
      } catch (error) {
        if (error instanceof ApiError && (error.status === 400 || error.status === 422)) setRefused(key);
        throw error;
      }
    },
    isEmpty: isEmptyResult,
    ...((isPast || refused === key) && { refreshSeconds: 0 }),
  }).live;
}

function countText(result: QueryResult): string {
  const count = countOf(result);
  if (count === 0) return 'No series match';
  const isMatrix = result.kind === 'instant' && tableOf(result.samples).hasTimes;
  return `${count.toLocaleString('en')} ${isMatrix ? 'samples' : 'series'}`;
}
