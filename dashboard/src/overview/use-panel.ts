import { useEffect, useMemo, useState } from 'preact/hooks';
import type { PanelData } from '../../../src/shared/http-contract/panels.ts';
import { getData } from '../api/client.ts';
import type { LiveData } from '../api/poller.ts';
import { services } from '../api/services.ts';
import { useLiveData } from '../api/use-live-data.ts';
import { type ChartSeries, seriesStyles } from '../charts/series/series-style.ts';
import { hasNoValue } from '../charts/series/summary.ts';
import { search } from '../navigation/router.ts';
import { panelSearch } from '../view/time-window.ts';
import { view } from '../view/view.ts';
import { createPanelLoader } from './panel-loader.ts';

export interface LivePanel {
  readonly live: LiveData<PanelData>;
  readonly refresh: () => void;
}

/** Lines that people can tell apart in a card, and in the dialog. */
const CARD_SERIES = 10;
const DIALOG_SERIES = 50;
const EXEMPLARS = 40;

const loadPanel = createPanelLoader((names, parameters, signal) =>
  getData<readonly PanelData[]>(`/api/metrics/panels?names=${names.join(',')}&${parameters}`, { signal }),
);

interface Known {
  readonly request: string;
  readonly live: LiveData<PanelData>;
}

/** What the cards on the page know, by the panel's name. */
const knownByCards = new Map<string, Known>();

/** Polls a panel for a card, unless a dialog covers it, and keeps the data for the dialog that enlarges it. */
export function useCardPanel(name: string, points: number): LivePanel {
  const isBehindDialog = search.value.has('panel');
  const panel = usePanel(name, points, { top: CARD_SERIES, isStill: isBehindDialog });
  const { live } = panel;
  useEffect(() => {
    knownByCards.set(name, { request: requestKey(name), live });
  }, [name, live]);
  useEffect(() => () => void knownByCards.delete(name), [name]);
  return panel;
}

/** Polls a panel for its dialog. It begins with what the card shows, stale data included. */
export function useEnlargedPanel(name: string, points: number): LivePanel {
  const [initial] = useState(() => {
    const known = knownByCards.get(name);
    return known?.request === requestKey(name) ? known.live : undefined;
  });
  return usePanel(name, points, { top: DIALOG_SERIES, initial });
}

/** Polls for the view's window, with `points` across. It loads a window in the past once only. */
function usePanel(
  name: string,
  points: number,
  {
    top,
    initial,
    isStill = false,
  }: { readonly top: number; readonly initial?: LiveData<PanelData> | undefined; readonly isStill?: boolean },
): LivePanel {
  const parameters = `${panelSearch(view.value, points)}&top=${top}&exemplars=${EXEMPLARS}`;
  const { window } = view.value;
  const isPast = window !== null && window.end < Date.now() / 1000;
  return useLiveData<PanelData>({
    key: parameters,
    load: (signal) => loadPanel(name, parameters, signal),
    isEmpty: ({ series }) => hasNoValue(series),
    initial,
    ...((isPast || isStill) && { refreshSeconds: 0 }),
  });
}

/** Identifies what a panel shows, at any resolution. */
function requestKey(name: string): string {
  return `${name}?${panelSearch(view.value, 0)}`;
}

/** The panel's series with the styles of their legends. */
export function useStyledSeries(data: PanelData | undefined): readonly ChartSeries[] {
  const firstCategory = firstCategoryOf(data);
  return useMemo(() => {
    const series = data?.series ?? [];
    // By name: the order of size may change with each response, and a line must keep its colour.
    const legends = series.map(({ legend }) => legend).sort();
    const styles = seriesStyles(legends, firstCategory);
    const styleOf = new Map(legends.map((legend, i) => [legend, styles[i]]));
    return series.map(({ legend, values, earlier }) => ({
      legend,
      values,
      ...(earlier !== undefined && { earlier }),
      ...(styleOf.get(legend) ?? { color: '--series-1' }),
    }));
  }, [data, firstCategory]);
}

/** If a panel has one service only, its place among all services: it keeps the colour that it has beside the others. */
function firstCategoryOf(data: PanelData | undefined): number {
  const names = new Set(data?.series.map(({ labels }) => labels.service ?? ''));
  const [name] = names;
  if (names.size !== 1 || name === undefined || name === '') return 0;
  return Math.max(0, services.value.data?.findIndex((service) => service.name === name) ?? 0);
}
