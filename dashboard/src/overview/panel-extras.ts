import type { PanelData, PanelExemplar } from '../../../src/shared/http-contract/panels.ts';
import type { ChartExemplar } from '../charts/plot/exemplars.ts';
import { COMPARISONS } from '../view/view-parameters.ts';

/** What a panel's data hold beside its series. */

/** Names the time of the earlier values: `a day earlier`; undefined without a comparison. */
export function comparedWith({ offset }: Pick<PanelData, 'offset'>): string | undefined {
  if (offset === undefined) return undefined;
  return COMPARISONS.find(({ seconds }) => seconds === offset)?.text ?? `${offset} s earlier`;
}

/** The exemplars of a panel for its chart, oldest first. */
export function exemplarsOf(data: Pick<PanelData, 'exemplars'> | undefined): readonly ChartExemplar[] {
  return (data?.exemplars ?? []).map(({ time, value, trace_id, trace_url, labels }) => ({
    time,
    value,
    text: textOf(labels),
    traceId: trace_id,
    url: trace_url,
  }));
}

/** The labels that say most, in the order in which people say them: `GET /api/tasks`, `echo success`. */
const TELLING = ['method', 'endpoint', 'event_type', 'status'];

function textOf(labels: PanelExemplar['labels']): string {
  const told = TELLING.flatMap((name) => labels[name] ?? []);
  return told.length > 0 ? told.join(' ') : (labels.service ?? '');
}
