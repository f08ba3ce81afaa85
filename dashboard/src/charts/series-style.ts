import type { Unit } from '../format.ts';

/** How a series is drawn: `color` is a custom property of styles/tokens.css. */
export interface SeriesStyle {
  readonly color: string;
  readonly dash?: readonly number[];
  readonly width?: number;
}

export interface ChartSeries extends SeriesStyle {
  readonly legend: string;
  readonly values: readonly (number | null)[];
}

const BY_LEGEND: Readonly<Record<string, SeriesStyle>> = {
  '2xx': { color: '--series-success' },
  '3xx': { color: '--series-neutral' },
  '4xx': { color: '--series-warning', dash: [6, 3] },
  '5xx': { color: '--series-failure', width: 2 },
  p50: { color: '--ramp-1' },
  p95: { color: '--ramp-2' },
  p99: { color: '--ramp-3', width: 2 },
  waiting: { color: '--series-1' },
  active: { color: '--series-success' },
  delayed: { color: '--series-2', dash: [6, 3] },
  dead: { color: '--series-failure', width: 2 },
  failed: { color: '--series-failure', dash: [6, 3] },
  retried: { color: '--series-warning', dash: [2, 3] },
  stalled: { color: '--series-2' },
  busy: { color: '--series-success' },
  idle: { color: '--series-neutral', dash: [6, 3] },
  oldest: { color: '--series-1' },
};
const CATEGORIES = ['--series-1', '--series-2', '--series-3', '--series-4', '--series-5', '--series-6'];
const DASHES: readonly (readonly number[])[] = [[], [6, 3], [2, 3], [8, 3, 2, 3]];

/**
 * Styles for series by their legends, in order; `firstCategory` is where the categories begin, from 0. Words with a meaning (2xx, p99, dead, … failed) have the same colour
 * everywhere; the rest take the categories in turn, and then again with a dash.
 */
export function seriesStyles(legends: readonly string[], firstCategory = 0): SeriesStyle[] {
  let categories = firstCategory;
  let failures = 0;
  return legends.map((legend) => {
    const fixed = BY_LEGEND[legend];
    if (fixed !== undefined) return fixed;
    if (/\bfailed$/.test(legend))
      return dashed('--series-failure', (failures++ % (DASHES.length - 1)) + 1, 1.5);
    const nth = categories++;
    return dashed(CATEGORIES[nth % CATEGORIES.length] ?? '--series-1', Math.floor(nth / CATEGORIES.length));
  });
}

/** Whether an axis of the unit begins at zero, so that heights can be compared. */
export function startsAtZero(unit: Unit): boolean {
  return unit !== 'none';
}

function dashed(color: string, dashIndex: number, width?: number): SeriesStyle {
  const dash = DASHES[dashIndex % DASHES.length];
  return {
    color,
    ...(dash !== undefined && dash.length > 0 && { dash }),
    ...(width !== undefined && { width }),
  };
}
