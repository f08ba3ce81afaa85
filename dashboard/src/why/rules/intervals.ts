/** Values of one series over time: Unix seconds and the value as the TSDB writes it. */
export type Points = readonly (readonly [time: number, value: string])[];

export interface Grid {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** A time during which a condition held without a break. */
export interface Interval {
  readonly start: number;
  /** The last point at which it held. */
  readonly end: number;
  readonly highest: number;
  /** Whether it held at the first point of the grid: it may have begun earlier. */
  readonly isOlder: boolean;
  /** Whether it holds at the end of the grid. */
  readonly isNow: boolean;
}

/** The newest samples come late, by a scrape or two. */
const LATE_SECONDS = 60;

/** How far apart two points may be, and the end of the series from that of the grid, without a break. */
export const breakSeconds = ({ step }: Pick<Grid, 'step'>) => Math.max(2 * step, LATE_SECONDS);

/** The intervals during which `holds` is true of the values. A gap in the series ends an interval. */
export function intervalsOf(points: Points, grid: Grid, holds: (value: number) => boolean): Interval[] {
  const intervals: { start: number; end: number; highest: number }[] = [];
  let [isOn, before] = [false, Number.NEGATIVE_INFINITY];
  for (const [time, text] of points) {
    const value = Number(text);
    const current = intervals.at(-1);
    const isOff = !holds(value);
    if (!isOff && isOn && current !== undefined && time - before <= breakSeconds(grid)) {
      current.end = time;
      current.highest = Math.max(current.highest, value);
    } else if (!isOff) intervals.push({ start: time, end: time, highest: value });
    isOn = !isOff;
    before = time;
  }
  const last = points.at(-1)?.[0];
  return intervals.map((interval) => ({
    ...interval,
    isOlder: interval.start <= grid.start,
    isNow: interval.end === last && interval.end >= grid.end - breakSeconds(grid),
  }));
}

/** The parts of a timeline line that an interval gives. */
export function timesOf({ start, end, isNow, isOlder }: Interval) {
  return { time: start, isNow, isOlder, ...(!isNow && { end }) };
}

/** Times at which no series has a point for longer than a break, between the first and the last point. */
export function gapsOf(
  series: readonly Points[],
  grid: Grid,
): { readonly start: number; readonly end: number }[] {
  const times = [...new Set(series.flatMap((points) => points.map(([time]) => time)))].sort((a, b) => a - b);
  return times.flatMap((time, i) => {
    const before = times[i - 1];
    return before !== undefined && time - before > breakSeconds(grid) ? [{ start: before, end: time }] : [];
  });
}
