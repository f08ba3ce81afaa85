import type { PanelData } from '../../../src/shared/http-contract/panels.ts';
import type { TimeWindow } from '../view/view-parameters.ts';

/** A rate spans a minute, or a step of the chart. A scrape comes up to a quarter of a minute late. */
const RATE_SECONDS = 60;
const LATE_SECONDS = 15;

/** The window whose tasks are behind one point of a chart. */
export function windowOfPoint(time: number, { step }: Pick<PanelData, 'step'>): TimeWindow {
  return { start: time - Math.max(RATE_SECONDS, step), end: time + Math.max(LATE_SECONDS, step) };
}

/** The event type of a series; undefined if it stands for several. */
export function eventTypeOf(
  { series }: Pick<PanelData, 'series'>,
  legend: string | undefined,
): string | undefined {
  return series.find((one) => one.legend === legend)?.labels.event_type;
}
