import type { InstantResult, QueryResult, RangeResult, ResultKind } from './query-result.ts';

/** The part of a query's live data that matters here. */
interface Report {
  readonly data: QueryResult | undefined;
  readonly error: object | undefined;
}

/** What is known of a row: the state of its present request, and its last result of each kind. */
export interface RowResults {
  readonly live: Report;
  readonly range?: RangeResult;
  readonly instant?: InstantResult;
}

/** The row's results after new live data. A result stays until another of its kind comes, even after an error. */
export function withReport(before: RowResults | undefined, live: Report): RowResults {
  const { data } = live;
  return { ...before, live, ...(data !== undefined && { [data.kind]: data }) };
}

export type ResultsStatus = 'none' | 'loading' | 'error' | 'empty' | 'ok';

/** The state of all results together: the best one of them. Each query shows its own state. */
export function resultsStatus(states: readonly RowResults[], kind: ResultKind): ResultsStatus {
  if (states.length === 0) return 'none';
  const results = states.map((state) => state[kind]).filter((result) => result !== undefined);
  if (results.some((result) => !isEmptyResult(result))) return 'ok';
  if (states.some((state) => state[kind] === undefined && state.live.error === undefined)) return 'loading';
  return results.length === 0 ? 'error' : 'empty';
}

/** Whether the page shows a result although the present request failed. */
export function isStale(state: RowResults, kind: ResultKind): boolean {
  return state[kind] !== undefined && state.live.error !== undefined;
}

export function isEmptyResult(result: QueryResult): boolean {
  return (result.kind === 'range' ? result.series : result.samples).length === 0;
}
