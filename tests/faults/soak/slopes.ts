/** One number over time. */
export interface Point {
  readonly seconds: number;
  readonly value: number;
}

/** The slope of the line of least squares through the points, per second. */
export function slopeOf(points: readonly Point[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [middle, level] = [
    mean(points.map(({ seconds }) => seconds)),
    mean(points.map(({ value }) => value)),
  ];
  const moments = points.map(({ seconds, value }) => [
    (seconds - middle) * (value - level),
    (seconds - middle) ** 2,
  ]);
  const [rise, run] = [0, 1].map((i) => moments.reduce((sum, moment) => sum + (moment[i] ?? 0), 0));
  return run ? (rise ?? 0) / run : 0;
}
