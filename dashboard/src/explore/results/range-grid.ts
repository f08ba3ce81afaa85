import type { TimeWindow } from '../../view/view-parameters.ts';

export interface RangeGrid extends TimeWindow {
  /** Seconds between two points. */
  readonly step: number;
}

const DAY = 86_400;
const STEPS = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, DAY];

/**
 * The grid of a range query: the smallest readable step that gives at most `points` points; at least five seconds,
 * because no scrape is more frequent. Both ends are multiples of the step, so that equal windows make equal requests.
 */
export function rangeGrid({ start, end }: TimeWindow, points: number): RangeGrid {
  const least = (end - start) / points;
  const step = STEPS.find((each) => each >= least) ?? Math.ceil(least / DAY) * DAY;
  const align = (seconds: number) => Math.floor(seconds / step) * step;
  return { start: align(start), end: align(end), step };
}

/** All points of the grid, in Unix seconds. */
export function gridTimes({ start, end, step }: RangeGrid): number[] {
  return Array.from({ length: Math.round((end - start) / step) + 1 }, (_, i) => start + i * step);
}
