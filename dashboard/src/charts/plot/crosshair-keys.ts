import type uPlot from 'uplot';

/** Where the keys lead from a point of `count`: undefined for other keys. */
export function indexAfterKey(key: string, index: number | null, count: number): number | undefined {
  const last = count - 1;
  const from = index ?? count;
  switch (key) {
    case 'ArrowLeft':
      return Math.max(0, from - 1);
    case 'ArrowRight':
      return Math.min(last, index === null ? last : from + 1);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return undefined;
  }
}

/** Puts the crosshair onto a point. */
export function moveCrosshair(plot: uPlot, time: number): void {
  plot.setCursor({ left: plot.valToPos(time, 'x'), top: plot.over.clientHeight / 2 });
}
