import type { Panel } from '../../src/infrastructure/telemetry/panels.ts';
import type { PanelSeries } from '../../src/shared/http-contract/panels.ts';
import { request } from './http.ts';

export interface PanelTruth {
  readonly times: readonly number[];
  readonly series: readonly PanelSeries[];
}

interface RangeResult {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [time: number, value: string])[];
}

/** What a panel must show at each second from `start` to `end`, read from the TSDB itself, without code of ours. */
export async function tsdbPanel(
  tsdbUrl: string,
  panel: Panel,
  { start, end }: { readonly start: number; readonly end: number },
): Promise<PanelTruth> {
  const times = Array.from({ length: end - start + 1 }, (_, i) => start + i);
  const series: PanelSeries[] = [];
  for (const { legend, promql } of panel.queries) {
    // Scrapes come every second, and rate windows span four scrapes.
    const query = encodeURIComponent(promql.replaceAll('$window', '4s'));
    const url = `${tsdbUrl}/api/v1/query_range?query=${query}&start=${start}&end=${end}&step=1&nocache=1`;
    const { body } = await request(url);
    const found = (body.data.result as RangeResult[]).map(({ metric, values }) => {
      const byTime = new Map(values.map(([time, text]) => [time, Number(text)]));
      return {
        labels: metric,
        legend: legend.replace(/\{\{(\w+)\}\}/g, (_, label: string) => metric[label] ?? ''),
        values: times.map((time) => {
          const value = byTime.get(time);
          return value !== undefined && Number.isFinite(value) ? value : null;
        }),
      };
    });
    series.push(...found.sort((a, b) => (a.legend < b.legend ? -1 : 1)));
  }
  return { times, series };
}
