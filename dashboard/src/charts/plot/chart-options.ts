import type uPlot from 'uplot';
import type { Unit } from '../../format/quantity.ts';
import { type ChartSeries, startsAtZero } from '../series/series-style.ts';
import { linesOf } from './lines.ts';
import { tickLabels, timeTick, utcTicks } from './tick-labels.ts';

export interface ChartOptionsInput {
  readonly unit: Unit;
  readonly series: readonly ChartSeries[];
  readonly width: number;
  readonly height: number;
  readonly isUtc: boolean;
  /** Returns a custom property's colour in a form that a canvas knows. */
  readonly colorOf: (property: string) => string;
  readonly font: string;
  readonly syncKey: string | undefined;
  readonly onCursor: (plot: uPlot) => void;
  readonly onSelect: (plot: uPlot) => void;
  readonly onDraw: (plot: uPlot) => void;
  readonly hidden: ReadonlySet<string>;
}

/** uPlot's options for one of our charts. Its own legend is off: the page has one. */
export function chartOptions(input: ChartOptionsInput): uPlot.Options {
  const { unit, series, width, height, syncKey, onCursor, onSelect, onDraw, hidden, colorOf } = input;
  return {
    width,
    height,
    padding: [8, 26, 0, 0],
    legend: { show: false, live: false },
    cursor: {
      y: false,
      points: { size: 7 },
      drag: { x: true, y: false, setScale: false, dist: 6 },
      ...(syncKey !== undefined && { sync: { key: syncKey, setSeries: false } }),
      // uPlot must not reset the zoom at a double click: the chart does that itself.
      bind: { dblclick: () => null },
    },
    select: { show: true, left: 0, top: 0, width: 0, height: 0 },
    scales: { x: { time: true }, y: { range: (_, min, max) => valueRange(min, max, unit) } },
    axes: [timeAxis(input), valueAxis(input)],
    series: [
      {},
      ...linesOf(series).map((each) => ({
        label: each.legend,
        show: !hidden.has(each.legend),
        stroke: colorOf(each.color),
        width: each.width ?? 1.5,
        spanGaps: false,
        ...(each.dash !== undefined && { dash: [...each.dash] }),
        ...(series.length === 1 && !each.isEarlier && { fill: translucent(colorOf(each.color)) }),
        points: { size: 5, fill: colorOf(each.color), filter: isolatedAlone },
      })),
    ],
    hooks: { setCursor: [onCursor], setSelect: [onSelect], draw: [onDraw] },
  };
}

/** The values that an axis spans: from zero if heights are to be compared, with room above. Never an empty range. */
export function valueRange(min: number | null, max: number | null, unit: Unit): [number, number] {
  if (unit === 'boolean') return [-0.1, 1.1];
  if (min === null || max === null) return [0, 1];
  if (!startsAtZero(unit)) {
    // A constant, apart from rounding errors, lies in the middle.
    const isConstant = max - min <= Math.abs(max) * 1e-9;
    const room = isConstant ? Math.abs(max) * 0.1 || 1 : (max - min) * 0.1;
    return [min - room, max + room];
  }
  const low = Math.min(0, min);
  const floor = unit === 'count' ? 4 : unit === 'ratio' ? 0.01 : 0;
  const high = Math.max(max + (max - low) * 0.12, floor);
  return high > low ? [low, high] : [low, low + 1];
}

/** If there is no room for all points, uPlot still draws those between two gaps: they have no line. */
const isolatedAlone: uPlot.Series.Points.Filter = (plot, index, show) =>
  show ? null : isolatedPoints(plot.data[index] ?? []);

/** The indices of values without a neighbour. */
export function isolatedPoints(values: ArrayLike<number | null | undefined>): number[] {
  const isGap = (i: number) => values[i] === null || values[i] === undefined;
  return Array.from(values, (_, i) => i).filter((i) => !isGap(i) && isGap(i - 1) && isGap(i + 1));
}

function timeAxis({ colorOf, font, isUtc }: ChartOptionsInput): uPlot.Axis {
  return {
    ...axisLook(colorOf, font),
    size: 26,
    gap: 6,
    space: 64,
    ...(isUtc && { splits: (_, __, start, end, distance) => utcTicks(start, end, distance) }),
    values: (_, splits, __, ___, distance) => splits.map((seconds) => timeTick(seconds, distance, isUtc)),
  };
}

function valueAxis({ colorOf, font, unit }: ChartOptionsInput): uPlot.Axis {
  return {
    ...axisLook(colorOf, font),
    size: (_, labels) =>
      Math.max(VALUE_AXIS_WIDTH, 16 + 6.5 * Math.max(0, ...(labels ?? []).map(({ length }) => length))),
    gap: 8,
    space: 34,
    values: (_, splits) => tickLabels(splits, unit),
    ...(unit === 'boolean' && { splits: () => [0, 1] }),
    ...(unit === 'count' && { incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 1e5, 1e6] }),
    ...(unit === 'bytes' && { incrs: POWERS_OF_TWO }),
    ...(unit === 'seconds' && { incrs: DURATIONS }),
  };
}

const VALUE_AXIS_WIDTH = 58;
const DURATIONS = [
  ...[-6, -5, -4, -3, -2, -1].flatMap((power) => [1, 2, 2.5, 5].map((digit) => Number(`${digit}e${power}`))),
  ...[1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200],
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500].map((days) => days * 86_400),
];
const POWERS_OF_TWO = Array.from({ length: 45 }, (_, power) => 2 ** power);

function axisLook(colorOf: (property: string) => string, font: string): uPlot.Axis {
  return {
    stroke: colorOf('--text-muted'),
    font,
    grid: { stroke: colorOf('--chart-grid'), width: 1 },
    ticks: { show: false },
    border: { show: false },
  };
}

/** A computed colour, made translucent: it fills the area under a line. */
function translucent(color: string): string {
  return color.startsWith('rgb(') ? color.replace('rgb(', 'rgba(').replace(')', ', 0.1)') : 'transparent';
}
