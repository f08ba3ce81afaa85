/** Upper bounds in seconds, at most a factor of 2 apart: a quantile is wrong by no more than that. */

const BOUNDS = [
  ...[0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.125, 0.25, 0.5],
  ...[1, 2, 4, 8, 15, 30, 60, 120, 240, 480, 900, 1800, 3600, 7200],
];

/** The bounds from one to another. */
export function timeBuckets(from: number, to: number): readonly number[] {
  return BOUNDS.filter((bound) => bound >= from && bound <= to);
}
