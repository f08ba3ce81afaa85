import type { PanelSeries } from '../../shared/http-contract/panels.ts';

/**
 * The series of now, each with its values of the earlier time. Both lie on grids of `points` times. A series that only one
 * of the two times knows has gaps in the other.
 */
export function withEarlier(
  now: readonly PanelSeries[],
  earlier: readonly PanelSeries[],
  points: number,
): readonly PanelSeries[] {
  const before = new Map(earlier.map((series) => [keyOf(series), series]));
  const gaps = () => new Array<number | null>(points).fill(null);
  const known = now.map((series) => {
    const key = keyOf(series);
    const values = before.get(key)?.values ?? gaps();
    before.delete(key);
    return { ...series, earlier: values };
  });
  const gone = [...before.values()].map((series) => ({ ...series, values: gaps(), earlier: series.values }));
  return [...known, ...gone];
}

function keyOf({ labels }: PanelSeries): string {
  return JSON.stringify(Object.entries(labels).sort());
}
