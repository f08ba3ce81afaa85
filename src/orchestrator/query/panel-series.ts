import type { Panel, PanelQuery } from '../../infrastructure/telemetry/panels.ts';
import { ResultTooLarge } from '../../infrastructure/victoria-metrics/query-errors.ts';
import type { QuerySample } from '../../infrastructure/victoria-metrics/query-result.ts';
import { MAX_PANEL_WIDTH, MIN_PANEL_WIDTH } from '../../shared/http-contract/limits.ts';
import type { PanelSeries } from '../../shared/http-contract/panels.ts';
import { readWhole, single } from './parameter-values.ts';
import { parseDuration, parseTime } from './time-parameters.ts';

/**
 * The times that all series of a panel share, in seconds. `start` and `end` are multiples of the step, so that lines
 * keep their shape from one refresh to the next. `newest` is one more point after `end`, a multiple of the scrape
 * interval; undefined if `end` is the newest point.
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

/** What a panel may hold, as series × times: more is nothing that a chart can show, and takes too long to send. */
const MAX_PANEL_VALUES = 200_000;

/** Steps that people can read on an axis, in seconds. */
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, DAY];

/**
 * The grid for `range`, `end` and `width` (points across): the smallest readable step that gives at most `width` points
 * and is not below the scrape interval. `maxWidth`: more points would be too much. Throws bad_data with the parameter's
 * name.
 */
export function readGrid(
  form: URLSearchParams,
  scrapeIntervalSeconds: number,
  nowSeconds: number,
  maxWidth = Number.POSITIVE_INFINITY,
): TimeGrid {
  const range = parseDuration('range', single(form, 'range') ?? DEFAULT_RANGE);
  const endText = single(form, 'end');
  const end = endText === undefined ? nowSeconds : parseTime('end', endText);
  const step = stepFor(Math.max(range / Math.min(readWidth(form), maxWidth), scrapeIntervalSeconds));
  const align = (seconds: number, size = step) => Math.round(Math.floor(seconds / size) * size * 1000) / 1000;
  const newest = align(end, scrapeIntervalSeconds);
  const last = align(end);
  return { start: align(end - range), end: last, step, newest: newest > last ? newest : undefined };
}

function readWidth(form: URLSearchParams): number {
  const limits = { min: MIN_PANEL_WIDTH, max: MAX_PANEL_WIDTH, of: 'points' };
  return readWhole(form, 'width', limits) ?? DEFAULT_WIDTH;
}

function stepFor(minSeconds: number): number {
  return STEPS.find((step) => step >= minSeconds) ?? Math.ceil(minSeconds / DAY) * DAY;
}

/**
 * The window of rates. It spans four scrapes, so that a scrape that fails leaves no gap. It is never shorter than the
 * step, so that the points miss nothing.
 */
export function rateWindow(stepSeconds: number, scrapeIntervalSeconds: number): string {
  const seconds = Math.max(4 * scrapeIntervalSeconds, stepSeconds);
  // PromQL durations have no fractions.
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

/** The grid so many seconds later. */
export function shifted({ start, end, step, newest }: TimeGrid, seconds: number): TimeGrid {
  return {
    start: start + seconds,
    end: end + seconds,
    step,
    newest: newest === undefined ? undefined : newest + seconds,
  };
}

/** How many values a panel may still take. Its queries share it. */
export interface PanelRoom {
  left: number;
}

export function emptyPanel(): PanelRoom {
  return { left: MAX_PANEL_VALUES };
}

/** The answers to one of a panel's queries on the grid. What is no finite number (0/0 where nothing happened) is a gap. */
export class GridSeries {
  readonly #legend: string;
  readonly #points: number;
  readonly #room: PanelRoom;
  readonly #indexOf: ReadonlyMap<number, number>;
  readonly #byLabels = new Map<string, PanelSeries>();

  constructor({ legend }: PanelQuery, times: readonly number[], room: PanelRoom) {
    this.#legend = legend;
    this.#points = times.length;
    this.#room = room;
    this.#indexOf = new Map(times.map((time, i) => [time, i]));
  }

  /** Adds an answer. Throws `execution` when the panel has no room for its series. */
  add(samples: readonly QuerySample[]): void {
    for (const { metric, values = [], value } of samples) {
      const series = this.#seriesOf(metric);
      for (const [time, text] of value === undefined ? values : [...values, value]) {
        const index = this.#indexOf.get(time);
        if (index === undefined) continue;
        const number = Number(text);
        if (Number.isFinite(number)) series.values[index] = number;
      }
    }
  }

  sorted(): PanelSeries[] {
    return [...this.#byLabels.values()].sort((a, b) => (a.legend < b.legend ? -1 : 1));
  }

  #seriesOf(labels: QuerySample['metric']): PanelSeries {
    const key = JSON.stringify(Object.entries(labels).sort());
    const known = this.#byLabels.get(key);
    if (known !== undefined) return known;
    this.#room.left -= this.#points;
    if (this.#room.left < 0) throw tooManySeries(this.#points);
    const values = new Array<number | null>(this.#points).fill(null);
    const series = { legend: legendOf(this.#legend, labels), labels, values };
    this.#byLabels.set(key, series);
    return series;
  }
}

function tooManySeries(points: number): ResultTooLarge {
  const most = Math.floor(MAX_PANEL_VALUES / points);
  return new ResultTooLarge(
    `panel: expected at most ${most} series of ${points} points (${MAX_PANEL_VALUES} values); got more. Use a smaller width, or service=.`,
  );
}

function legendOf(template: string, labels: Readonly<Record<string, string>>): string {
  return template.replace(/\{\{(\w+)\}\}/g, (_, name: string) => labels[name] ?? '').trim();
}
