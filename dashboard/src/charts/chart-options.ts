import type uPlot from 'uplot';
import { formatTick, formatTime, type Unit } from '../format.ts';
import { type ChartSeries, startsAtZero } from './series-style.ts';

export interface ChartOptionsInput {
  readonly unit: Unit;
  readonly series: readonly ChartSeries[];
  readonly width: number;
  readonly height: number;
  readonly isUtc: boolean;
  /** Resolves a custom property to a colour that a canvas knows. */
  readonly colorOf: (property: string) => string;
  readonly font: string;
  readonly syncKey: string | undefined;
  readonly onCursor: (plot: uPlot) => void;
  readonly onSelect: (plot: uPlot) => void;
  readonly hidden: ReadonlySet<string>;
}

/** uPlot's options for one of our charts: its own legend is off, as ours is in the page. */
export function chartOptions(input: ChartOptionsInput): uPlot.Options {
  const { unit, series, width, height, isUtc, syncKey, onCursor, onSelect, hidden, colorOf } = input;
  return {
    width,
    height,
    tzDate: (seconds) => zoned(seconds, isUtc),
    padding: [8, 18, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      points: { size: 7 },
      drag: { x: true, y: false, setScale: false, dist: 6 },
      ...(syncKey !== undefined && { sync: { key: syncKey, setSeries: false } }),
      // The first click of a double click must not zoom; what resets is the chart's own.
      bind: { dblclick: () => null },
    },
    select: { show: true, left: 0, top: 0, width: 0, height: 0 },
    scales: { x: { time: true }, y: { range: (_, min, max) => valueRange(min, max, unit) } },
    axes: [timeAxis(input), valueAxis(input)],
    series: [
      {},
      ...series.map((each) => ({
        label: each.legend,
        show: !hidden.has(each.legend),
        stroke: colorOf(each.color),
        width: each.width ?? 1.5,
        spanGaps: false,
        ...(each.dash !== undefined && { dash: [...each.dash] }),
        ...(series.length === 1 && { fill: translucent(colorOf(each.color)) }),
        points: { size: 4, fill: colorOf(each.color) },
      })),
    ],
    hooks: { setCursor: [onCursor], setSelect: [onSelect] },
  };
}

/** The values an axis spans: from zero, with room above; never of no height. */
export function valueRange(min: number | null, max: number | null, unit: Unit): [number, number] {
  if (unit === 'boolean') return [-0.1, 1.1];
  if (min === null || max === null) return [0, 1];
  const low = startsAtZero(unit) ? Math.min(0, min) : min - (max - min) * 0.08;
  const floor = unit === 'count' ? 4 : unit === 'ratio' ? 0.01 : 0;
  const high = Math.max(max + (max - low) * 0.12, floor);
  return high > low ? [low, high] : [low, low + 1];
}

/** A label for a tick of the time axis, as fine as the distance between ticks asks; at midnight it is the date. */
export function timeTick(seconds: number, distanceSeconds: number, isUtc: boolean): string {
  const date = formatTime(seconds, { isUtc, show: 'date' }).slice(5);
  if (distanceSeconds >= 86_400) return date;
  if (distanceSeconds < 60) return formatTime(seconds, { isUtc, show: 'time' });
  const minutes = formatTime(seconds, { isUtc, show: 'minutes' });
  return minutes === '00:00' ? date : minutes;
}

function timeAxis({ colorOf, font, isUtc }: ChartOptionsInput): uPlot.Axis {
  return {
    ...axisLook(colorOf, font),
    size: 26,
    gap: 6,
    space: 64,
    values: (_, splits, __, ___, distance) => splits.map((seconds) => timeTick(seconds, distance, isUtc)),
  };
}

function valueAxis({ colorOf, font, unit }: ChartOptionsInput): uPlot.Axis {
  return {
    ...axisLook(colorOf, font),
    size: 58,
    gap: 8,
    space: 34,
    values: (_, splits) => splits.map((value) => formatTick(value, unit)),
    ...(unit === 'boolean' && { splits: () => [0, 1] }),
    ...(unit === 'count' && { incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 1e5, 1e6] }),
    ...(unit === 'bytes' && { incrs: POWERS_OF_TWO }),
  };
}

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

/** uPlot reads the parts of a local date: in UTC it is given one whose local parts are UTC's. */
function zoned(seconds: number, isUtc: boolean): Date {
  const date = new Date(seconds * 1000);
  return isUtc ? new Date(date.getTime() + date.getTimezoneOffset() * 60_000) : date;
}

/** A computed colour, thin enough to lie under a line. */
function translucent(color: string): string {
  return color.startsWith('rgb(') ? color.replace('rgb(', 'rgba(').replace(')', ', 0.1)') : 'transparent';
}
