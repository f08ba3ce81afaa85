import './plot.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { formatTime } from '../../format/time.ts';
import { theme } from '../../theme/theme.ts';
import { selected } from '../../view/time-window.ts';
import { isUtc } from '../../view/view.ts';
import type { ChartProps } from '../chart.tsx';
import { chartOptions } from './chart-options.ts';
import { canvasFont, computedColor } from './colors.ts';
import { drawOverlays, marksAt } from './overlays.ts';
import { Tooltip } from './tooltip.tsx';

interface PlotProps extends ChartProps {
  readonly hidden: ReadonlySet<string>;
  readonly onIndex: (index: number | null) => void;
}

interface Hover {
  readonly index: number;
  /** Pixels from the plot's left edge. */
  readonly left: number;
  /** Whether the pointer is over this chart, and not over another one with the same crosshair. */
  readonly isOwn: boolean;
}

/** The canvas. New data go into the same plot; a change of anything else makes a new plot. */
export function Plot(props: PlotProps) {
  const { title, times, series, height, hidden, marks = [], thresholds = [] } = props;
  const root = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const [hover, setHover] = useState<Hover | null>(null);
  const kind = JSON.stringify([
    series.map(({ values: _, ...style }) => style),
    [...hidden],
    props.unit,
    height,
    props.syncKey,
    theme.value,
    isUtc.value,
  ]);

  // `kind` holds everything that the options depend on
  useEffect(() => {
    const element = root.current;
    if (element === null) return;
    const made = makePlot(element, latest, (next) => {
      setHover(next?.isOwn ? next : null);
      latest.current.onIndex(next?.index ?? null);
    });
    plot.current = made;
    const observer = new ResizeObserver(() => {
      if (element.clientWidth > 0) made.setSize({ width: element.clientWidth, height });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [kind]);
  useEffect(() => plot.current?.setData(columns(times, series)), [times, series]);
  useEffect(() => plot.current?.redraw(false), [JSON.stringify([marks, thresholds])]);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a shortcut for the pointer; the toolbar and keys do the same
    <div class="plot" style={{ height: `${height}px` }} onDblClick={() => props.onReset?.()}>
      <div class="plot-canvas" ref={root} role="img" aria-label={described(title, times, isUtc.value)} />
      {hover !== null && (
        <Tooltip
          time={times[hover.index]}
          series={series.filter(({ legend }) => !hidden.has(legend))}
          index={hover.index}
          marks={marksAt(marks, times, hover.index)}
          unit={props.unit}
          left={hover.left}
          hasLongLegends={props.hasLongLegends ?? false}
        />
      )}
    </div>
  );
}

function makePlot(
  element: HTMLElement,
  latest: { readonly current: PlotProps },
  onHover: (hover: Hover | null) => void,
): uPlot {
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
    onCursor: (plot) => {
      const { idx, left = -1 } = plot.cursor;
      const isOver = idx !== null && idx !== undefined && left >= 0;
      onHover(
        isOver ? { index: idx, left: left + plot.over.offsetLeft, isOwn: plot.over.matches(':hover') } : null,
      );
    },
    onDraw: (plot) => {
      const { marks = [], thresholds = [] } = latest.current;
      drawOverlays(plot, { marks, thresholds }, computedColor);
    },
    onSelect: (plot) => {
      const { left, width } = plot.select;
      if (width < 1) return;
      // Clear the selection before the zoom: that may replace this plot.
      plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      latest.current.onZoom?.(selected(plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')));
    },
  });
  return new uPlot(options, columns(times, series), element);
}

function columns(times: ChartProps['times'], series: ChartProps['series']): uPlot.AlignedData {
  return [times as number[], ...series.map(({ values }) => values as (number | null)[])]; // uPlot only reads them
}

function described(title: string, times: readonly number[], utc: boolean): string {
  const [first] = times;
  const last = times.at(-1);
  if (first === undefined || last === undefined) return `${title}: chart without data`;
  const [from, to] = [first, last].map((time) => formatTime(time, { isUtc: utc }));
  return `${title}: chart from ${from} to ${to}; a button shows the same as a table`;
}
