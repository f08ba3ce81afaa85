import { getData } from '../api/client.ts';
import { windowOf } from '../time-window.ts';
import type { View } from '../view-state.ts';
import { type Answer, type AnswerKind, type QueryData, samplesOf, seriesOf } from './answer.ts';
import { gridTimes, rangeGrid } from './step.ts';

export interface Question {
  readonly query: string;
  readonly kind: AnswerKind;
  readonly view: Pick<View, 'range' | 'window' | 'service'>;
  /** Points across the chart. */
  readonly points: number;
}

/** Asks for the view's window, or for its end. */
export async function ask(question: Question, signal: AbortSignal): Promise<Answer> {
  const { query, kind, view, points } = question;
  const key = questionKey(question);
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

/** The same for the same question; a range until now stays the same as time goes on. */
export function questionKey({ query, kind, view, points }: Question): string {
  const { range, window, service } = view;
  return JSON.stringify([kind, query, window ?? range, service, kind === 'range' && points]);
}
