import type uPlot from 'uplot';

/** One observation whose trace is known, as a dot on a chart. */
export interface ChartExemplar {
  /** Unix seconds. */
  readonly time: number;
  readonly value: number;
  /** What was observed: `echo success`. */
  readonly text: string;
  readonly traceId: string;
  /** Where the trace is; undefined: nobody knows it. */
  readonly url: string | undefined;
}

const COLOR = '--series-3';
const EDGE_COLOR = '--surface';
const RADIUS = 4;
/** So near the pointer must be, in pixels. */
const REACH = 10;

interface Place {
  readonly x: number;
  readonly y: number;
  /** Whether the value lies above the axis: the dot then is at its upper end. */
  readonly isAbove: boolean;
}

/** Draws a diamond for each exemplar in the plot's times, and a triangle at the top for one above its scale. */
export function drawExemplars(
  plot: uPlot,
  exemplars: readonly ChartExemplar[],
  colorOf: (property: string) => string,
): void {
  if (exemplars.length === 0) return;
  const { ctx, bbox } = plot;
  const ratio = ctx.canvas.width / plot.width;
  ctx.save();
  ctx.fillStyle = colorOf(COLOR);
  ctx.strokeStyle = colorOf(EDGE_COLOR);
  ctx.lineWidth = ratio;
  for (const exemplar of exemplars) {
    const place = placeOf(plot, exemplar);
    if (place === undefined) continue;
    const [x, y, r] = [bbox.left + place.x * ratio, bbox.top + place.y * ratio, RADIUS * ratio];
    ctx.beginPath();
    ctx.moveTo(x, y - r);
    ctx.lineTo(x + r, place.isAbove ? y + r : y);
    if (!place.isAbove) ctx.lineTo(x, y + r);
    ctx.lineTo(x - r, place.isAbove ? y + r : y);
    ctx.closePath();
    ctx.fill();
    ctx.stroke();
  }
  ctx.restore();
}

/** The exemplar under the pointer. */
export function exemplarAt(
  plot: uPlot,
  exemplars: readonly ChartExemplar[],
  { left, top }: { readonly left: number; readonly top: number },
): ChartExemplar | undefined {
  let nearest: ChartExemplar | undefined;
  let distance = REACH;
  for (const exemplar of exemplars) {
    const place = placeOf(plot, exemplar);
    if (place === undefined) continue;
    const found = Math.hypot(place.x - left, place.y - top);
    if (found <= distance) [nearest, distance] = [exemplar, found];
  }
  return nearest;
}

/** In pixels from the upper left corner of the plot; undefined outside its times. */
function placeOf(plot: uPlot, { time, value }: ChartExemplar): Place | undefined {
  const x = plot.valToPos(time, 'x');
  const y = plot.valToPos(value, 'y');
  const { offsetWidth: width, offsetHeight: height } = plot.over;
  if (!(x >= 0 && x <= width)) return undefined;
  return { x, y: Math.min(Math.max(y, RADIUS), height), isAbove: y < 0 };
}
