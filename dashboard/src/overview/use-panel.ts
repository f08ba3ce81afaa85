import { useMemo } from 'preact/hooks';
import type { PanelData } from '../api/answers.ts';
import { getData } from '../api/client.ts';
import { usePolled } from '../api/use-polled.ts';
import { type ChartSeries, seriesStyles } from '../charts/series-style.ts';
import { hasNoValue } from '../charts/summary.ts';
import { panelSearch } from '../time-window.ts';
import { view } from '../view.ts';

/** Polls a panel for the view's window; `points` across. A window of the past is asked for once. */
export function usePanel(name: string, points: number) {
  const parameters = panelSearch(view.value, points).toString();
  const { window } = view.value;
  const isPast = window !== null && window.end < Date.now() / 1000;
  return usePolled<PanelData>({
    key: parameters,
    load: (signal) => getData<PanelData>(`/api/metrics/panels/${name}?${parameters}`, { signal }),
    isEmpty: ({ series }) => hasNoValue(series),
    ...(isPast && { refreshSeconds: 0 }),
  });
}

/** The panel's series with the looks that go with their names. */
export function useStyledSeries(data: PanelData | undefined): readonly ChartSeries[] {
  return useMemo(() => {
    const series = data?.series ?? [];
    const styles = seriesStyles(series.map(({ legend }) => legend));
    return series.map(({ legend, values }, i) => ({
      legend,
      values,
      ...(styles[i] ?? { color: '--series-1' }),
    }));
  }, [data]);
}
