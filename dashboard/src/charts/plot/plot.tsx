import './plot.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import type uPlot from 'uplot';
import { formatTime } from '../../format/time.ts';
import { copyText } from '../../ui/buttons/copy-text.ts';
import { announce } from '../../ui/status/announce.tsx';
import { isUtc } from '../../view/view.ts';
import { indexAfterKey, moveCrosshair } from './crosshair-keys.ts';
import type { ChartExemplar } from './exemplars.ts';
import { columnsOf } from './lines.ts';
import { type Hover, makePlot, type PlotProps, plotKind } from './make-plot.ts';
import { marksAt } from './overlays.ts';
import { Tooltip } from './tooltip.tsx';

/** The canvas. New data go into the same plot; a change of anything else makes a new plot. */
export function Plot(props: PlotProps) {
  const { title, times, series, height, hidden, marks = [], thresholds = [], exemplars } = props;
  const root = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const [hover, setHover] = useState<Hover | null>(null);
  const [copied, setCopied] = useState<ChartExemplar>();
  const kind = plotKind(props);

  useEffect(() => {
    const element = root.current;
    if (element === null) return;
    const made = makePlot(element, latest, {
      onHover: (next) => {
        setHover(next?.isOwn ? next : null);
        latest.current.onIndex(next?.index ?? null);
      },
      onExemplar: (exemplar) => openTrace(exemplar, setCopied),
      onPoint: (point) => latest.current.onPoint?.(point),
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
  useEffect(() => plot.current?.setData(columnsOf(times, series)), [times, series]);
  useEffect(() => plot.current?.redraw(false), [JSON.stringify([marks, thresholds]), exemplars]);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a shortcut for the pointer; the toolbar and keys do the same
    <div
      class="plot"
      style={{ height: `${height}px` }}
      onDblClick={() => props.onReset?.()}
      {...(props.isKeyed && {
        tabIndex: 0,
        role: 'group',
        'aria-label': `${title}: arrow keys move the crosshair, Enter shows its tasks`,
        onKeyDown: (event: KeyboardEvent) => onKey(event, plot.current, props),
      })}
    >
      <div class="plot-canvas" ref={root} role="img" aria-label={described(title, times, isUtc.value)} />
      {hover !== null && (
        <Tooltip
          time={times[hover.index]}
          series={series.filter(({ legend }) => !hidden.has(legend))}
          index={hover.index}
          marks={marksAt(marks, times, hover.index)}
          exemplar={hover.exemplar}
          isCopied={hover.exemplar !== undefined && hover.exemplar === copied}
          unit={props.unit}
          comparedWith={props.comparedWith}
          left={hover.left}
          hasLongLegends={props.hasLongLegends ?? false}
        />
      )}
    </div>
  );
}

function onKey(event: KeyboardEvent, plot: uPlot | null, { times, onPoint }: PlotProps): void {
  if (plot === null || event.target !== event.currentTarget || times.length === 0) return;
  const index = plot.cursor.idx ?? null;
  const next = indexAfterKey(event.key, index, times.length);
  const time = times[next ?? -1];
  if (time !== undefined) {
    event.preventDefault();
    moveCrosshair(plot, time);
    announce(formatTime(time, { isUtc: isUtc.value, show: 'time' }));
  } else if (event.key === 'Enter' && index !== null) onPoint?.({ time: times[index] ?? 0 });
}

/** Opens the trace if somebody knows where it is; else copies its id. */
function openTrace(exemplar: ChartExemplar, onCopied: (exemplar: ChartExemplar) => void): void {
  if (exemplar.url !== undefined) {
    window.open(exemplar.url, '_blank', 'noopener,noreferrer');
    return;
  }
  void copyText(exemplar.traceId).then((isCopied) => {
    if (isCopied) onCopied(exemplar);
    announce(isCopied ? 'Trace id copied' : 'The trace id could not be copied');
  });
}

function described(title: string, times: readonly number[], utc: boolean): string {
  const [first] = times;
  const last = times.at(-1);
  if (first === undefined || last === undefined) return `${title}: chart without data`;
  const [from, to] = [first, last].map((time) => formatTime(time, { isUtc: utc }));
  return `${title}: chart from ${from} to ${to}; a button shows the same as a table`;
}
