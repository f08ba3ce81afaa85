import { computed } from '@preact/signals';
import { navigate, path, search } from '../navigation/router.ts';
import { defaultRange } from './default-range.ts';
import { moved, scaled, windowOf } from './time-window.ts';
import { parseView, type TimeWindow, VIEW_PARAMETERS, type View, viewParameters } from './view-parameters.ts';

/** The view that the URL describes; all pages share it. */
export const view = computed(() => parseView(search.value, defaultRange.value));
export const timeZone = computed(() => view.value.timeZone);
export const isUtc = computed(() => timeZone.value === 'utc');

export interface ChangeOptions {
  /** Whether Back undoes the change, as it does for ranges and zooms. Default: true. */
  readonly push?: boolean;
}

/** Shows another view on the same page. */
export function changeView(changes: Partial<View>, { push = true }: ChangeOptions = {}): void {
  const next = new URLSearchParams(search.value);
  for (const name of VIEW_PARAMETERS) next.delete(name);
  for (const [name, value] of viewParameters(changed(changes))) next.append(name, value);
  navigate(withSearch(path.value, next), { replace: !push });
}

/** A range that is set is the operator's choice: the URL has it from then on. */
function changed(changes: Partial<View>): View {
  return { ...view.value, ...(changes.range !== undefined && { isDefaultRange: false }), ...changes };
}

/** A link to another page that keeps the view; `own` are that page's parameters. Call it while rendering. */
export function hrefTo(
  pathname: string,
  own: Readonly<Record<string, string | readonly string[]>> = {},
): string {
  const next = new URLSearchParams();
  for (const [name, value] of Object.entries(own)) {
    for (const each of [value].flat()) next.append(name, each);
  }
  for (const [name, value] of viewParameters(view.value)) next.append(name, value);
  return withSearch(pathname, next);
}

/** A link to another page that shows a window of time. */
export function hrefAt(
  pathname: string,
  window: TimeWindow,
  own: Readonly<Record<string, string>> = {},
): string {
  const next = new URLSearchParams(own);
  for (const [name, value] of viewParameters({ ...view.value, window })) next.append(name, value);
  return withSearch(pathname, next);
}

/** Moves the window by a share of its length: -0.5 is half a screen earlier. */
export function moveWindow(share: number): void {
  const now = Date.now() / 1000;
  changeView({ window: moved(windowOf(view.value, now), share, now) });
}

/** Makes the window `factor` times as long. */
export function scaleWindow(factor: number): void {
  const now = Date.now() / 1000;
  changeView({ window: scaled(windowOf(view.value, now), factor, now) });
}

export function resetZoom(): void {
  if (view.value.window !== null) changeView({ window: null });
}

function withSearch(pathname: string, parameters: URLSearchParams): string {
  const text = parameters.toString();
  return text === '' ? pathname : `${pathname}?${text}`;
}
