import type { Grid, Points } from './intervals.ts';

/** The rate of the last minutes is the present one. */
const RATE_SECONDS = 300;
/** Of a half: fewer make no line. */
const FEWEST_POINTS = 2;
/** Changes of less than this are no change: a thousandth of a task a second. */
const STEADY = 0.001;
/** How much slower one half may change than the other. More is a burst, or the end of one. */
const MOST_UNEVEN = 4;

/**
 * How the number of waiting tasks changes, a second. Growth, or its opposite, is what both halves of the last minutes show;
 * 0: the second half shows no change. Undefined: the points do not say, as after a single burst, or there are too few.
 */
export function growthOf(points: Points, { end }: Pick<Grid, 'end'>): number | undefined {
  const recent = points.filter(([time]) => time >= end - RATE_SECONDS);
  const [first, last] = [recent[0]?.[0] ?? end, recent.at(-1)?.[0] ?? end];
  const middle = (first + last) / 2;
  const earlier = slopeOf(recent.filter(([time]) => time <= middle));
  const later = slopeOf(recent.filter(([time]) => time >= middle));
  if (earlier === undefined || later === undefined) return undefined;
  if (Math.abs(later) <= STEADY) return 0;
  const ratio = later / earlier;
  return ratio >= 1 / MOST_UNEVEN && ratio <= MOST_UNEVEN ? slopeOf(recent) : undefined;
}

/** By least squares. */
function slopeOf(points: Points): number | undefined {
  if (points.length < FEWEST_POINTS) return undefined;
  const mean = (of: (point: readonly [number, string]) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [time, count] = [mean(([at]) => at), mean(([, value]) => Number(value))];
  const spread = mean(([at]) => (at - time) ** 2);
  return mean(([at, value]) => (at - time) * (Number(value) - count)) / spread;
}
