import { useMemo } from 'preact/hooks';
import type { PanelData } from '../api/answers.ts';
import { getData } from '../api/client.ts';
import { services } from '../api/services.ts';
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
  const place = servicePlace(data);
  return useMemo(() => {
    const series = data?.series ?? [];
    const styles = seriesStyles(
      series.map(({ legend }) => legend),
      place,
    );
    return series.map(({ legend, values }, i) => ({
      legend,
      values,
      ...(styles[i] ?? { color: '--series-1' }),
    }));
  }, [data, place]);
}

/** Where a panel's only service stands among all: alone it keeps the colour that it has beside the others. */
function servicePlace(data: PanelData | undefined): number {
  const names = new Set(data?.series.map(({ labels }) => labels.service ?? ''));
  const [name] = names;
  if (names.size !== 1 || name === undefined || name === '') return 0;
  return Math.max(0, services.value.data?.findIndex((service) => service.name === name) ?? 0);
}
