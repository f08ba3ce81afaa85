import uPlot from 'uplot';
import { theme } from '../../theme/theme.ts';
import { selected } from '../../view/time-window.ts';
import { isUtc } from '../../view/view.ts';
import type { ChartPoint, ChartProps } from '../chart.tsx';
import { chartOptions } from './chart-options.ts';
import { canvasFont, computedColor } from './colors.ts';
import { type ChartExemplar, drawExemplars, exemplarAt } from './exemplars.ts';
import { columnsOf } from './lines.ts';
import { drawOverlays } from './overlays.ts';

export interface PlotProps extends ChartProps {
  readonly hidden: ReadonlySet<string>;
  readonly onIndex: (index: number | null) => void;
}

export interface Hover {
  readonly index: number;
  /** Pixels from the plot's left edge. */
  readonly left: number;
  /** Whether the pointer is over this chart, and not over another one with the same crosshair. */
  readonly isOwn: boolean;
  readonly exemplar: ChartExemplar | undefined;
}

export interface PlotEvents {
  readonly onHover: (hover: Hover | null) => void;
  readonly onExemplar: (exemplar: ChartExemplar) => void;
  readonly onPoint: (point: ChartPoint) => void;
}

interface Latest {
  readonly current: PlotProps;
}

/** Everything that the options depend on: another text needs another plot. */
export function plotKind({ series, hidden, unit, height, syncKey }: PlotProps): string {
  const styles = series.map(({ values: _, earlier, ...style }) => ({
    ...style,
    isCompared: earlier !== undefined,
  }));
  return JSON.stringify([styles, [...hidden], unit, height, syncKey, theme.value, isUtc.value]);
}

/** A plot in `element`. `latest` are the props of the last render: the plot outlives renders. */
export function makePlot(element: HTMLElement, latest: Latest, events: PlotEvents): uPlot {
  const { unit, series, times, height, syncKey, hidden } = latest.current;
  const options = chartOptions({
    unit,
    series,
    hidden,
    height,
    width: element.clientWidth || 300,
    isUtc: isUtc.value,
    colorOf: computedColor,
    font: canvasFont(11),
    syncKey,
    onCursor: (plot) => events.onHover(hoverOf(plot, latest)),
    onDraw: (plot) => {
      const { marks = [], thresholds = [], exemplars = [] } = latest.current;
      drawOverlays(plot, { marks, thresholds }, computedColor);
      drawExemplars(plot, exemplars, computedColor);
    },
    onSelect: (plot) => {
      const { left, width } = plot.select;
      if (width < 1) return;
      // Clear the selection before the zoom: that may replace this plot.
      plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      latest.current.onZoom?.(selected(plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')));
    },
  });
  const made = new uPlot(options, columnsOf(times, series), element);
  // uPlot keeps the click at the end of a drag to itself.
  made.over.addEventListener('click', ({ offsetX: left, offsetY: top }) => {
    const clicked = exemplarAt(made, latest.current.exemplars ?? [], { left, top });
    if (clicked !== undefined) events.onExemplar(clicked);
    else if (typeof made.cursor.idx === 'number')
      events.onPoint(pointAt(made, latest.current, made.cursor.idx, top));
  });
  return made;
}

/** The point of a chart at an index, with the series that is nearest to the pointer. */
function pointAt(plot: uPlot, { times, series, hidden }: PlotProps, index: number, top: number): ChartPoint {
  const distances = series.flatMap(({ legend, values }) => {
    const value = values[index];
    if (hidden.has(legend) || value === null || value === undefined) return [];
    return [{ legend, distance: Math.abs(plot.valToPos(value, 'y') - top) }];
  });
  const [nearest] = distances.sort((a, b) => a.distance - b.distance);
  return { time: times[index] ?? 0, ...(nearest !== undefined && { legend: nearest.legend }) };
}

function hoverOf(plot: uPlot, latest: Latest): Hover | null {
  const { idx, left = -1, top = -1 } = plot.cursor;
  if (idx === null || idx === undefined || left < 0) return null;
  const isOwn = plot.over.matches(':hover');
  const exemplar = isOwn ? exemplarAt(plot, latest.current.exemplars ?? [], { left, top }) : undefined;
  plot.over.style.cursor = exemplar === undefined ? '' : 'pointer';
  return { index: idx, left: left + plot.over.offsetLeft, isOwn, exemplar };
}
