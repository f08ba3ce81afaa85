import type { Unit } from '../../format/quantity.ts';

/** The look of a series' line. `color` is a custom property of theme/tokens.css. */
export interface SeriesStyle {
  readonly color: string;
  readonly dash?: readonly number[];
  readonly width?: number;
}

export interface ChartSeries extends SeriesStyle {
  readonly legend: string;
  readonly values: readonly (number | null)[];
  /** The values of an earlier time, to compare with. */
  readonly earlier?: readonly (number | null)[];
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
/** The sum of the series that a panel leaves out. */
const OTHERS = /^\d+ others$/;
const OTHERS_STYLE: SeriesStyle = { color: '--series-neutral', dash: [2, 3] };
const CATEGORIES = ['--series-1', '--series-2', '--series-3', '--series-4', '--series-5', '--series-6'];
const FAILURES = ['--series-failure', '--series-failure-2', '--series-failure-3'];
const DASHES: readonly (readonly number[])[] = [
  [6, 3],
  [2, 3],
  [8, 3, 2, 3],
  [12, 4],
  [2, 2, 2, 6],
];
const WIDTHS = [1.5, 2.5, 3.5];

/**
 * Styles for series by their legends, in order; no two are alike. Words with a meaning (2xx, p99, dead, … failed) have
 * the same colour everywhere. The others take the category colours in turn, beginning with number `firstCategory` (from
 * 0), and then the same colours with dashes.
 */
export function seriesStyles(legends: readonly string[], firstCategory = 0): SeriesStyle[] {
  const fixed = legends.map(
    (legend) => BY_LEGEND[legend] ?? (OTHERS.test(legend) ? OTHERS_STYLE : undefined),
  );
  const taken = new Set(fixed.filter((style) => style !== undefined).map(lookOf));
  const next = (looks: Iterator<SeriesStyle, undefined>): SeriesStyle => {
    for (;;) {
      const { value } = looks.next();
      if (value === undefined) return { color: '--series-neutral' };
      if (taken.has(lookOf(value))) continue;
      taken.add(lookOf(value));
      return value;
    }
  };
  const [categories, failures] = [categoryLooks(firstCategory), failureLooks()];
  return legends.map((legend, i) => fixed[i] ?? next(/\bfailed$/.test(legend) ? failures : categories));
}

/** All colours, then all of them with each dash, then all of that thicker. */
function* categoryLooks(first: number): Generator<SeriesStyle, undefined> {
  for (const width of WIDTHS) {
    for (const dash of [undefined, ...DASHES]) {
      for (let i = 0; i < CATEGORIES.length; i++) {
        const color = CATEGORIES[(first + i) % CATEGORIES.length] ?? '--series-1';
        yield { color, ...(dash !== undefined && { dash }), ...(width !== WIDTHS[0] && { width }) };
      }
    }
  }
}

/** Shades of failure with dashes. Neighbours differ in both: the numbers of shades and dashes have no common factor. */
function* failureLooks(): Generator<SeriesStyle, undefined> {
  for (const width of WIDTHS) {
    for (let i = 0; i < FAILURES.length * DASHES.length; i++) {
      const color = FAILURES[i % FAILURES.length] ?? '--series-failure';
      yield { color, dash: DASHES[i % DASHES.length] ?? [], width };
    }
  }
}

/** Equal for series that look the same. */
export function lookOf({ color, dash = [], width = WIDTHS[0] }: SeriesStyle): string {
  return JSON.stringify([color, dash, width]);
}

/** Whether an axis of the unit begins at zero, so that heights can be compared. */
export function startsAtZero(unit: Unit): boolean {
  return unit !== 'none';
}
