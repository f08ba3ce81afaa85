import type uPlot from 'uplot';

/** What a chart draws over its lines. */

/** Something that happened. */
export interface ChartMark {
  /** Unix seconds. */
  readonly time: number;
  readonly text: string;
}

/** A value that lines should not cross. */
export interface ChartThreshold {
  readonly value: number;
  readonly severity: 'warning' | 'critical';
}

export interface Overlays {
  readonly marks: readonly ChartMark[];
  readonly thresholds: readonly ChartThreshold[];
}

const COLORS = { warning: '--warning', critical: '--failure' } as const;
const MARK_COLOR = '--border-strong';
const DASH = { threshold: [6, 4], mark: [2, 3] } as const;

/** Draws the marks and thresholds that lie in the plot. They do not change its scales. */
export function drawOverlays(
  plot: uPlot,
  { marks, thresholds }: Overlays,
  colorOf: (property: string) => string,
): void {
  const { ctx, bbox } = plot;
  const ratio = ctx.canvas.width / plot.width;
  const [right, bottom] = [bbox.left + bbox.width, bbox.top + bbox.height];
  const line = (from: readonly [number, number], to: readonly [number, number]) => {
    ctx.beginPath();
    ctx.moveTo(...from);
    ctx.lineTo(...to);
    ctx.stroke();
  };
  ctx.save();
  ctx.lineWidth = ratio;
  ctx.setLineDash(DASH.threshold.map((length) => length * ratio));
  for (const { value, severity } of thresholds) {
    const y = Math.round(plot.valToPos(value, 'y', true));
    if (!(y >= bbox.top && y <= bottom)) continue;
    ctx.strokeStyle = colorOf(COLORS[severity]);
    line([bbox.left, y], [right, y]);
  }
  ctx.setLineDash(DASH.mark.map((length) => length * ratio));
  ctx.strokeStyle = colorOf(MARK_COLOR);
  for (const x of new Set(marks.map(({ time }) => Math.round(plot.valToPos(time, 'x', true))))) {
    if (x >= bbox.left && x <= right) line([x, bbox.top], [x, bottom]);
  }
  ctx.restore();
}

/** The texts of the marks that are nearer to this point than to another one. */
export function marksAt(marks: readonly ChartMark[], times: readonly number[], index: number): string[] {
  const time = times[index];
  if (time === undefined) return [];
  const from = (time + (times[index - 1] ?? time)) / 2;
  const to = (time + (times[index + 1] ?? Number.POSITIVE_INFINITY)) / 2;
  return marks.filter((mark) => mark.time >= from && mark.time < to).map(({ text }) => text);
}
