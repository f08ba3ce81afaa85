import { moved, scaled, windowOf } from '../view/time-window.ts';
import { changeView, view } from '../view/view.ts';

/** What the toolbar and the keyboard do to the window of time. */

export function moveWindow(share: number): void {
  const now = Date.now() / 1000;
  changeView({ window: moved(windowOf(view.value, now), share, now) });
}

export function scaleWindow(factor: number): void {
  const now = Date.now() / 1000;
  changeView({ window: scaled(windowOf(view.value, now), factor, now) });
}
