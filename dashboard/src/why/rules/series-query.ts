import { THRESHOLDS } from '../../../../src/shared/http-contract/thresholds.ts';
import type { Points } from './intervals.ts';

/** A series of `TIMELINE_QUERIES`, as /query_range returns it; `mark` says of which query. */
export interface TimelineSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: Points;
}

const ATTEMPTS = 'asdlc_events_processed_total';

/** What the timeline asks the TSDB for. The conditions on these are those of the alerts. */
const QUERIES = {
  version: 'count by (service, version) (asdlc_service_info)',
  start: 'max by (service, instance) (process_start_time_seconds and on (job, instance) asdlc_service_info)',
  down: 'min by (job, instance) (up{job=~"asdlc-.+"})',
  redis: 'min by (service) (asdlc_redis_connection_up)',
  paused: 'max by (queue) (asdlc_queue_paused)',
  waiting: 'sum(max by (queue) (asdlc_queue_tasks{state="waiting"}))',
  oldest: 'max(asdlc_queue_oldest_age_seconds)',
  failed: `(sum(rate(${ATTEMPTS}{status="failed"}[5m])) / sum(rate(${ATTEMPTS}[5m]))) and (sum(increase(${ATTEMPTS}[5m])) >= ${THRESHOLDS.fewestAttempts})`,
  dead: 'sum by (event_type) (increase(asdlc_events_dead_total{reason!~"cancelled|child_dead"}[1m])) > 0',
  stalled: 'sum(increase(asdlc_events_stalled_total[1m])) > 0',
  changed:
    'sum by (action) (increase(asdlc_state_changes_total{action!="task.submit",result="done"}[1m])) > 0',
  alert: 'max by (alertname, severity) (ALERTS{alertstate="firing"})',
} as const;
export type Mark = keyof typeof QUERIES;

/** All of it as one query: the label `mark` tells the series apart. */
export const TIMELINE_QUERY = Object.entries(QUERIES)
  .map(([mark, query]) => `label_replace(${query}, "mark", "${mark}", "", "")`)
  .join(' or ');

export function seriesOf(all: readonly TimelineSeries[], mark: Mark): readonly TimelineSeries[] {
  return all.filter(({ metric }) => metric.mark === mark);
}
