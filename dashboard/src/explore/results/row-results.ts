import type { InstantResult, QueryResult, RangeResult, ResultKind } from './query-result.ts';

/** What a poller says, as far as it matters here. */
interface Report {
  readonly data: QueryResult | undefined;
  readonly error: object | undefined;
}

/** What is known of a row: how its present request goes, and the last answer of each kind that it got. */
export interface RowResults {
  readonly live: Report;
  readonly range?: RangeResult;
  readonly instant?: InstantResult;
}

/** With what the poller says now. An answer stays until another of its kind comes, even through an error. */
export function withReport(before: RowResults | undefined, live: Report): RowResults {
  const { data } = live;
  return { ...before, live, ...(data !== undefined && { [data.kind]: data }) };
}

export type ResultsStatus = 'none' | 'loading' | 'error' | 'empty' | 'ok';

/** The state of all results together: the best of them, as each query says its own. */
export function resultsStatus(states: readonly RowResults[], kind: ResultKind): ResultsStatus {
  if (states.length === 0) return 'none';
  const results = states.map((state) => state[kind]).filter((result) => result !== undefined);
  if (results.some((result) => !isEmptyResult(result))) return 'ok';
  if (states.some((state) => state[kind] === undefined && state.live.error === undefined)) return 'loading';
  return results.length === 0 ? 'error' : 'empty';
}

/** Whether something is shown that does not answer what is asked now, or no longer. */
export function isStale(state: RowResults, kind: ResultKind): boolean {
  return state[kind] !== undefined && state.live.error !== undefined;
}

export function isEmptyResult(result: QueryResult): boolean {
  return (result.kind === 'range' ? result.series : result.samples).length === 0;
}
