import type uPlot from 'uplot';
import type { ChartSeries, SeriesStyle } from '../series/series-style.ts';

/** One line of a plot: a series, or its values of the earlier time. */
export interface Line extends SeriesStyle {
  readonly legend: string;
  readonly values: readonly (number | null)[];
  readonly isEarlier: boolean;
}

const EARLIER = { width: 1, dash: [3, 3] } as const;

/** The lines of a plot. Those of the earlier time come first, and so lie below: same colour, thin and dashed. */
export function linesOf(series: readonly ChartSeries[]): readonly Line[] {
  const earlier = series.flatMap(({ legend, color, earlier: values }) =>
    values === undefined ? [] : [{ legend, color, values, ...EARLIER, isEarlier: true }],
  );
  const now = series.map(({ earlier: _, ...each }) => ({ ...each, isEarlier: false }));
  return [...earlier, ...now];
}

export function columnsOf(times: readonly number[], series: readonly ChartSeries[]): uPlot.AlignedData {
  const columns = linesOf(series).map(({ values }) => values as (number | null)[]);
  return [times as number[], ...columns]; // uPlot only reads them
}
