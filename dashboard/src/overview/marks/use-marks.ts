import { computed, signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { getData } from '../../api/client.ts';
import { useLiveData } from '../../api/use-live-data.ts';
import type { ChartMark } from '../../charts/plot/overlays.ts';
import { search } from '../../navigation/router.ts';
import { windowOf } from '../../view/time-window.ts';
import { view } from '../../view/view.ts';
import { MARKS_QUERY, type MarkSeries, marksOf, taskMark } from './marks.ts';

const loaded = signal<readonly ChartMark[]>([]);

/** The task from which a link led here. */
export const markedTask = computed(() => taskMark(search.value));

/** What the charts of the overview mark. */
export const marks = computed<readonly ChartMark[]>(() => [
  ...(markedTask.value === undefined ? [] : [markedTask.value]),
  ...loaded.value,
]);

/** Points across the window: a mark is no more exact than a chart can show. */
const POINTS = 250;

async function load(signal: AbortSignal): Promise<ChartMark[]> {
  const window = windowOf(view.value, Math.floor(Date.now() / 1000));
  const step = Math.max(15, Math.ceil((window.end - window.start) / POINTS));
  const grid = { start: window.start, end: window.end, step };
  const search = new URLSearchParams({ query: MARKS_QUERY });
  for (const name of ['start', 'end', 'step'] as const) search.set(name, String(grid[name]));
  if (view.value.service !== null) search.set('service', view.value.service);
  const path = `/api/metrics/query_range?${search}`;
  const { result } = await getData<{ readonly result: readonly MarkSeries[] }>(path, { signal });
  return marksOf(result, grid);
}

/** Keeps `marks` up to date while the caller is mounted. Only the overview calls it. */
export function useMarks(): void {
  const { window, range, service } = view.value;
  const { live } = useLiveData({ key: JSON.stringify([window ?? range, service]), load, every: 4 });
  useEffect(() => {
    loaded.value = live.data ?? [];
  }, [live]);
}
