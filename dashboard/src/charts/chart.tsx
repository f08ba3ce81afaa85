import { useMemo, useState } from 'preact/hooks';
import type { Unit } from '../format/quantity.ts';
import type { TimeWindow } from '../view/view-parameters.ts';
import { Legend } from './legend/legend.tsx';
import type { ChartExemplar } from './plot/exemplars.ts';
import type { ChartMark, ChartThreshold } from './plot/overlays.ts';
import { Plot } from './plot/plot.tsx';
import type { ChartSeries } from './series/series-style.ts';

export interface ChartPoint {
  /** Unix seconds. */
  readonly time: number;
  /** The series nearest to the pointer. */
  readonly legend?: string;
}

export interface ChartProps {
  /** Names the chart for screen readers. */
  readonly title: string;
  readonly unit: Unit;
  /** Unix seconds, ascending. Each series has a value for each of them; null is a gap. */
  readonly times: readonly number[];
  readonly series: readonly ChartSeries[];
  /** Names what is left out of `series`; empty: nothing. */
  readonly folded?: string;
  /** Of the plot, in pixels; the legend comes below. */
  readonly height: number;
  /** Charts with the same key share the crosshair. */
  readonly syncKey?: string;
  readonly marks?: readonly ChartMark[];
  readonly thresholds?: readonly ChartThreshold[];
  readonly exemplars?: readonly ChartExemplar[];
  /** Names the time of the series' earlier values: `a day earlier`. */
  readonly comparedWith?: string | undefined;
  /** Called with a point of the chart: at a click, and at Enter if `isKeyed`. */
  readonly onPoint?: (point: ChartPoint) => void;
  /** Whether the keyboard moves the crosshair. Only a chart that stands alone should take it. */
  readonly isKeyed?: boolean;
  readonly onZoom?: (window: TimeWindow) => void;
  readonly onReset?: () => void;
  /** Whether legends are label sets: they wrap, in a monospaced font, and the legend scrolls. */
  readonly hasLongLegends?: boolean;
  /** If given, the legend has two lines at most, and a button for the rest that calls this. */
  readonly onMore?: () => void;
}

/**
 * Lines over time. The legend hides and shows them, and has the values under the crosshair, else the current ones. Gaps
 * stay gaps. Put a SeriesTable within reach for people who cannot see the chart.
 */
export function Chart(props: ChartProps) {
  const { series, times, unit, folded = '', hasLongLegends = false, onMore } = props;
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [index, setIndex] = useState<number | null>(null);
  const shownIndex = index !== null && index < times.length ? index : null;
  const legends = useMemo(() => series.map(({ legend }) => legend), [series]);
  return (
    <div>
      <Plot {...props} hidden={hidden} onIndex={setIndex} />
      <Legend
        series={series}
        times={times}
        unit={unit}
        index={shownIndex}
        hidden={hidden}
        folded={folded}
        comparedWith={props.comparedWith}
        isLong={hasLongLegends}
        onToggle={(legend) => setHidden(toggled(hidden, legend))}
        onOnly={(legend) => setHidden(only(hidden, legend, legends))}
        {...(onMore !== undefined && { onMore })}
      />
    </div>
  );
}

function toggled(hidden: ReadonlySet<string>, legend: string): ReadonlySet<string> {
  return hidden.has(legend)
    ? new Set([...hidden].filter((name) => name !== legend))
    : hidden.union(new Set([legend]));
}

/** Hides all others; shows all if this one is alone already. */
function only(hidden: ReadonlySet<string>, legend: string, all: readonly string[]): ReadonlySet<string> {
  const others = all.filter((name) => name !== legend);
  return others.every((name) => hidden.has(name)) && !hidden.has(legend) ? new Set() : new Set(others);
}
