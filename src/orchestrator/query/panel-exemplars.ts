import type { SeriesExemplars } from '../../infrastructure/victoria-metrics/query-result.ts';
import { QueryError } from '../../shared/errors.ts';
import type { PanelExemplar } from '../../shared/http-contract/panels.ts';

interface Window {
  /** Unix seconds. */
  readonly start: number;
  readonly end: number;
}

/** Asks the TSDB for the exemplars between two times. */
export type AskExemplars = (start: number, end: number) => Promise<readonly SeriesExemplars[]>;

/** A window whose exemplars are too many to parse is cut to its newest eighth, so often at most. */
const MOST_CUTS = 3;
const CUT = 8;

const TRACE_LABEL = 'trace_id';
/** The longest that OpenMetrics allows. */
const LONGEST_ID = 128;

/**
 * At most `most` exemplars of a window, oldest first: the slowest of each of `most` parts of the window. None if the TSDB
 * keeps none or does not say: a chart is worth drawing without them.
 */
export async function exemplarsOf(
  ask: AskExemplars,
  window: Window,
  most: number,
  traceUrlTemplate: string | undefined,
): Promise<PanelExemplar[]> {
  const found = await askNewest(ask, window);
  const all = found.flatMap((series) => readSeries(series, traceUrlTemplate));
  return slowestOfEach(all, window, most);
}

async function askNewest(
  ask: AskExemplars,
  { start, end }: Window,
  cuts = 0,
): Promise<readonly SeriesExemplars[]> {
  try {
    return await ask(start, end);
  } catch (error) {
    const isTooMuch = error instanceof QueryError && error.errorType === 'execution';
    if (!isTooMuch || cuts === MOST_CUTS) return [];
    return askNewest(ask, { start: end - (end - start) / CUT, end }, cuts + 1);
  }
}

function readSeries(
  { seriesLabels, exemplars }: SeriesExemplars,
  template: string | undefined,
): PanelExemplar[] {
  const { __name__, le, ...labels } = seriesLabels;
  return exemplars.flatMap((exemplar) => {
    const id = exemplar.labels[TRACE_LABEL] ?? '';
    const value = Number(exemplar.value);
    if (id === '' || id.length > LONGEST_ID || !id.isWellFormed() || !Number.isFinite(value)) return [];
    const url = template?.replaceAll('{trace_id}', encodeURIComponent(id));
    const known = { time: exemplar.timestamp, value, trace_id: id };
    return [{ ...known, ...(url !== undefined && { trace_url: url }), labels }];
  });
}

function slowestOfEach(all: readonly PanelExemplar[], { start, end }: Window, most: number): PanelExemplar[] {
  const slowest = new Map<number, PanelExemplar>();
  for (const exemplar of all) {
    const part = Math.floor(((exemplar.time - start) / Math.max(end - start, 1)) * most);
    if (part < 0 || part > most) continue;
    const kept = slowest.get(Math.min(part, most - 1));
    if (kept === undefined || exemplar.value > kept.value) slowest.set(Math.min(part, most - 1), exemplar);
  }
  return [...slowest.values()].sort((a, b) => a.time - b.time);
}
