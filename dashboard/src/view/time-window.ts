import {
  MAX_RANGE_SECONDS,
  MIN_WINDOW_SECONDS,
  rangeSeconds,
  type TimeWindow,
  type View,
} from './view-parameters.ts';

/** The window of a view: its absolute window, or its range until now. */
export function windowOf(view: Pick<View, 'range' | 'window'>, nowSeconds: number): TimeWindow {
  if (view.window !== null) return view.window;
  return { start: nowSeconds - (rangeSeconds(view.range) ?? 3_600), end: nowSeconds };
}

/** The window moved by a share of its own length: -0.5 is half a screen earlier. It never passes now, nor 1970. */
export function moved({ start, end }: TimeWindow, share: number, nowSeconds: number): TimeWindow {
  const by = Math.max(-start, Math.min((end - start) * share, Math.max(0, nowSeconds - end)));
  return whole({ start: start + by, end: end + by });
}

/** The window made `factor` times as long around its middle: a minute to a year, not past now, not before 1970. */
export function scaled({ start, end }: TimeWindow, factor: number, nowSeconds: number): TimeWindow {
  const length = Math.min(Math.max((end - start) * factor, MIN_WINDOW_SECONDS), MAX_RANGE_SECONDS);
  const newEnd = Math.min((start + end + length) / 2, Math.max(nowSeconds, end));
  return whole({ start: newEnd - length, end: newEnd });
}

/** The window between two times that the operator dragged over, at least a minute long. */
export function selected(a: number, b: number): TimeWindow {
  const short = Math.max(0, MIN_WINDOW_SECONDS - Math.abs(b - a));
  return whole({ start: Math.min(a, b) - short / 2, end: Math.max(a, b) + short / 2 });
}

/** How many points a chart of this width needs: a multiple of 50, so that small changes of size change no request. */
export function pointsFor(widthPx: number): number {
  return Math.min(1_000, Math.max(100, Math.round(widthPx / 2 / 50) * 50));
}

/** `range`, `end`, `service`, `offset` and `width` for the panels of the API. */
export function panelSearch(
  view: Pick<View, 'range' | 'window' | 'service' | 'compare'>,
  points: number,
): URLSearchParams {
  const search = new URLSearchParams();
  if (view.window === null) search.set('range', view.range);
  else {
    search.set('range', `${Math.round(view.window.end - view.window.start)}s`);
    search.set('end', String(Math.round(view.window.end)));
  }
  search.set('width', String(points));
  if (view.service !== null) search.set('service', view.service);
  if (view.compare !== null) search.set('offset', view.compare);
  return search;
}

/** In whole seconds, as in the URL. Rounding widens the window, but not beyond the longest that the page can show. */
function whole({ start, end }: TimeWindow): TimeWindow {
  const wholeEnd = Math.ceil(end);
  return { start: Math.max(0, Math.floor(start), wholeEnd - MAX_RANGE_SECONDS), end: wholeEnd };
}
