import type { Panel } from '../../infrastructure/telemetry/panels.ts';
import type { FoldedSeries, PanelSeries } from '../../shared/http-contract/panels.ts';

/** So few series keep their order: outcomes and states have one that people know. */
const FEW = 4;

export interface ShownSeries {
  readonly series: readonly PanelSeries[];
  readonly folded: FoldedSeries;
}

/**
 * The series of a panel in the order of their size, at most `top` of them. Size is the sum of all values: the order then
 * rarely changes from one refresh to the next. Where the headline is a minimum, the smallest count most and come first.
 * Where it is a sum, one more series holds the sum of those left out, so that the headline stays right. Earlier values choose
 * nothing: they follow the series of now.
 */
export function foldSeries(
  panel: Pick<Panel, 'headline'>,
  all: readonly PanelSeries[],
  top: number,
): ShownSeries {
  const { kind } = panel.headline;
  const ordered = all.length > FEW ? bySize(all, kind === 'min' ? -1 : 1) : all;
  const rest = ordered.slice(top);
  const busy = kind === 'min' ? rest : rest.filter((series) => !isIdle(series));
  const others = kind === 'sum' && busy.length > 0 ? [sumOf(busy)] : [];
  return {
    series: [...ordered.slice(0, top), ...others],
    folded: { series: rest.length, idle: rest.length - busy.length },
  };
}

function bySize(all: readonly PanelSeries[], sign: number): readonly PanelSeries[] {
  const sized = all.map((series) => ({ series, size: sizeOf(series) * sign }));
  return sized
    .sort((a, b) => b.size - a.size || (a.series.legend < b.series.legend ? -1 : 1))
    .map(({ series }) => series);
}

function sizeOf({ values }: PanelSeries): number {
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}

function isIdle({ values, earlier = [] }: PanelSeries): boolean {
  const isZero = (value: number | null) => value === null || value === 0;
  return values.every(isZero) && earlier.every(isZero);
}

function sumOf(all: readonly PanelSeries[]): PanelSeries {
  const legend = `${all.length} others`;
  const values = pointSums(all.map((series) => series.values));
  if (all[0]?.earlier === undefined) return { legend, labels: {}, values };
  return { legend, labels: {}, values, earlier: pointSums(all.map(({ earlier = [] }) => earlier)) };
}

function pointSums(rows: readonly (readonly (number | null)[])[]): (number | null)[] {
  return (rows[0] ?? []).map((_, i) =>
    rows.reduce<number | null>((sum, row) => {
      const value = row[i] ?? null;
      return value === null ? sum : (sum ?? 0) + value;
    }, null),
  );
}
