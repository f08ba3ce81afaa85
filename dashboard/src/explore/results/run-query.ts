import { getData } from '../../api/client.ts';
import { windowOf } from '../../view/time-window.ts';
import type { View } from '../../view/view-parameters.ts';
import { type QueryData, type QueryResult, type ResultKind, samplesOf, seriesOf } from './query-result.ts';
import { gridTimes, rangeGrid } from './range-grid.ts';

export interface QueryRequest {
  readonly query: string;
  readonly kind: ResultKind;
  readonly view: Pick<View, 'range' | 'window' | 'service'>;
  /** Points across the chart. */
  readonly points: number;
}

/** Runs a range query over the view's window, or an instant query at its end. */
export async function runQuery(request: QueryRequest, signal: AbortSignal): Promise<QueryResult> {
  const { query, kind, view, points } = request;
  const key = queryKey(request);
  const window = windowOf(view, Math.floor(Date.now() / 1000));
  const search = new URLSearchParams({ query });
  if (view.service !== null) search.set('service', view.service);
  const startedMs = performance.now();
  const tookSeconds = () => (performance.now() - startedMs) / 1000;
  if (kind === 'instant') {
    search.set('time', String(window.end));
    const data = await getData<QueryData>(`/api/metrics/query?${search}`, { signal });
    return { kind, query, key, time: window.end, samples: samplesOf(data), tookSeconds: tookSeconds() };
  }
  const grid = rangeGrid(window, points);
  for (const name of ['start', 'end', 'step'] as const) search.set(name, String(grid[name]));
  const data = await getData<QueryData>(`/api/metrics/query_range?${search}`, { signal });
  const { step } = grid;
  const series = seriesOf(data);
  return { kind, query, key, step, times: gridTimes(grid), series, tookSeconds: tookSeconds() };
}

/** Identifies a request. A range until now has the same key as time goes on. */
export function queryKey({ query, kind, view, points }: QueryRequest): string {
  const { range, window, service } = view;
  return JSON.stringify([kind, query, window ?? range, service, kind === 'range' && points]);
}
