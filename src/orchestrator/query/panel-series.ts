import type { Panel, PanelQuery } from '../../infrastructure/telemetry/panels.ts';
import type { QuerySample } from '../../infrastructure/victoria-metrics/client.ts';
import { QueryError } from '../../shared/errors.ts';
import { MAX_PANEL_WIDTH, MIN_PANEL_WIDTH } from '../../shared/http-contract/limits.ts';
import type { PanelSeries } from '../../shared/http-contract/panels.ts';
import { single } from './parameters.ts';
import { parseDuration, parseTime } from './time-parameters.ts';

/**
 * Points in time that all series of a panel share: `start`, `end` and `step` in seconds, all multiples of the step, so
 * that lines keep their shape from one refresh to the next. What happened after `end` is seen at one more point,
 * `newest`, a multiple of the scrape interval; undefined where `end` is the newest.
 */
export interface TimeGrid {
  readonly start: number;
  readonly end: number;
  readonly step: number;
  readonly newest: number | undefined;
}

const DEFAULT_RANGE = '1h';
const DEFAULT_WIDTH = 300;
const DAY = 86_400;

/** Steps that people can read off an axis, in seconds. */
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, DAY];

/**
 * The grid for `range`, `end` and `width` (points across): the smallest readable step that makes at most so many
 * points, and is not below the scrape interval. Throws bad_data, naming the parameter.
 */
export function readGrid(form: URLSearchParams, scrapeIntervalSeconds: number, nowSeconds: number): TimeGrid {
  const range = parseDuration('range', single(form, 'range') ?? DEFAULT_RANGE);
  const endText = single(form, 'end');
  const end = endText === undefined ? nowSeconds : parseTime('end', endText);
  const step = stepFor(Math.max(range / readWidth(form), scrapeIntervalSeconds));
  const align = (seconds: number, size = step) => Math.round(Math.floor(seconds / size) * size * 1000) / 1000;
  const newest = align(end, scrapeIntervalSeconds);
  const last = align(end);
  return { start: align(end - range), end: last, step, newest: newest > last ? newest : undefined };
}

function readWidth(form: URLSearchParams): number {
  const text = single(form, 'width');
  if (text === undefined) return DEFAULT_WIDTH;
  const width = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (width >= MIN_PANEL_WIDTH && width <= MAX_PANEL_WIDTH) return width;
  throw new QueryError(
    'bad_data',
    `width: expected a whole number of points from ${MIN_PANEL_WIDTH} to ${MAX_PANEL_WIDTH}; got ${JSON.stringify(text)}`,
  );
}

function stepFor(minSeconds: number): number {
  return STEPS.find((step) => step >= minSeconds) ?? Math.ceil(minSeconds / DAY) * DAY;
}

/**
 * The range of rates: four scrapes, so that one that fails leaves no gap; no shorter than the step, so that nothing
 * between two points is unseen.
 */
export function rateWindow(stepSeconds: number, scrapeIntervalSeconds: number): string {
  const seconds = Math.max(4 * scrapeIntervalSeconds, stepSeconds);
  // PromQL knows no fractions in durations.
  return Number.isInteger(seconds) ? `${seconds}s` : `${Math.round(seconds * 1000)}ms`;
}

/** The panel with its rate window filled in. */
export function withWindow(panel: Panel, window: string): Panel & { readonly queries: PanelQuery[] } {
  const queries = panel.queries.map(({ legend, promql }) => ({
    legend,
    promql: promql.replaceAll('$window', window),
  }));
  return { ...panel, queries };
}

export function timesOf({ start, end, step, newest }: TimeGrid): number[] {
  const times = Array.from({ length: Math.round((end - start) / step) + 1 }, (_, i) => start + i * step);
  return newest === undefined ? times : [...times, newest];
}

/** The answers to a query on the grid. What is no finite number (0/0 where nothing happened) is a gap. */
export function seriesOf(
  query: PanelQuery,
  samples: readonly QuerySample[],
  times: readonly number[],
): PanelSeries[] {
  const indexOf = new Map(times.map((time, i) => [time, i]));
  const byLabels = new Map<string, PanelSeries>();
  for (const { metric, values = [], value } of samples) {
    const key = JSON.stringify(Object.entries(metric).sort());
    const series = byLabels.get(key) ?? {
      legend: legendOf(query.legend, metric),
      labels: metric,
      values: new Array<number | null>(times.length).fill(null),
    };
    byLabels.set(key, series);
    for (const [time, text] of value === undefined ? values : [...values, value]) {
      const index = indexOf.get(time);
      if (index !== undefined && Number.isFinite(Number(text))) series.values[index] = Number(text);
    }
  }
  return [...byLabels.values()].sort((a, b) => (a.legend < b.legend ? -1 : 1));
}

function legendOf(template: string, labels: Readonly<Record<string, string>>): string {
  return template.replace(/\{\{(\w+)\}\}/g, (_, name: string) => labels[name] ?? '').trim();
}
