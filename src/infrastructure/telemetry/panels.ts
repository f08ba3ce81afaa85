import { PANEL_FACES, type PanelFace, type PanelName } from '../../shared/http-contract/panel-faces.ts';

/** The named panels of the query API, as data: the faces of the HTTP contract, each with its queries. */

export interface PanelQuery {
  /** The name of a series; `{{label}}` stands for the value of its label. */
  readonly legend: string;
  /** PromQL in which `$window` stands for the range of rates. */
  readonly promql: string;
}

export interface Panel extends PanelFace {
  readonly queries: readonly PanelQuery[];
}

/** Median, p95 and p99 of a histogram, over all its series. */
function quantiles(histogram: string): readonly PanelQuery[] {
  return [0.5, 0.95, 0.99].map((quantile) => ({
    legend: `p${quantile * 100}`,
    promql: `histogram_quantile(${quantile}, sum by (le) (rate(${histogram}_bucket[$window])))`,
  }));
}

const REQUESTS = 'asdlc_http_requests_total';

const QUERIES: Readonly<Record<PanelName, readonly PanelQuery[]>> = {
  request_rate: [
    {
      legend: '{{class}}',
      promql: `sum by (class) (label_replace(rate(${REQUESTS}[$window]), "class", "\${1}xx", "status", "(.).*"))`,
    },
  ],
  error_ratio: [
    {
      legend: '{{service}}',
      promql: `(sum by (service) (rate(${REQUESTS}{status=~"5.."}[$window])) or 0 * sum by (service) (rate(${REQUESTS}[$window]))) / sum by (service) (rate(${REQUESTS}[$window]))`,
    },
  ],
  request_latency: quantiles('asdlc_http_request_duration_seconds'),
  events_rate: [
    {
      legend: '{{event_type}} {{status}}',
      promql: 'sum by (event_type, status) (rate(asdlc_events_processed_total[$window]))',
    },
  ],
  event_failures: [
    { legend: 'failed', promql: 'sum(rate(asdlc_events_processed_total{status="failed"}[$window]))' },
    { legend: 'retried', promql: 'sum(rate(asdlc_event_retries_total[$window]))' },
    { legend: 'dead', promql: 'sum(rate(asdlc_events_dead_total[$window]))' },
    { legend: 'stalled', promql: 'sum(rate(asdlc_events_stalled_total[$window]))' },
  ],
  queue_depth: [{ legend: '{{state}}', promql: 'max by (state) (asdlc_queue_tasks)' }],
  oldest_age: [{ legend: 'oldest', promql: 'max(asdlc_queue_oldest_age_seconds)' }],
  event_wait: quantiles('asdlc_event_wait_seconds'),
  event_duration: quantiles('asdlc_event_duration_seconds'),
  worker_slots: [{ legend: '{{state}}', promql: 'sum by (state) (asdlc_worker_slots)' }],
  redis_up: [{ legend: '{{service}}', promql: 'min by (service) (asdlc_redis_connection_up)' }],
  redis_latency: quantiles('asdlc_redis_operation_duration_seconds'),
  memory: [
    {
      legend: '{{service}} {{instance}}',
      promql: 'sum by (service, instance) (asdlc_process_memory_bytes{type="rss"})',
    },
  ],
  cpu: [
    {
      legend: '{{service}} {{instance}}',
      promql: 'sum by (service, instance) (rate(asdlc_process_cpu_seconds_total[$window]))',
    },
  ],
  event_loop_delay: [
    {
      legend: '{{service}} {{instance}}',
      promql: 'max by (service, instance) (nodejs_eventloop_lag_p99_seconds)',
    },
  ],
};

export const PANELS: readonly Panel[] = PANEL_FACES.map((face) => ({ ...face, queries: QUERIES[face.name] }));
