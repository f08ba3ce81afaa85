import { PANEL_FACES, type PanelFace, type PanelName } from '../../shared/http-contract/panel-faces.ts';
import type { PanelHeadline, PanelUnit } from '../../shared/http-contract/panels.ts';

/** The named panels of the query API, as data: the faces of the HTTP contract, each with what it shows. */

export interface PanelQuery {
  /** The name of a series; `{{label}}` stands for the value of its label. */
  readonly legend: string;
  /** PromQL in which `$window` stands for the range of rates. */
  readonly promql: string;
}

interface PanelContent {
  readonly description: string;
  readonly unit: PanelUnit;
  readonly headline: PanelHeadline;
  readonly queries: readonly PanelQuery[];
  /** The histogram whose exemplars belong to the panel; undefined: it has none. */
  readonly histogram?: string;
}

export interface Panel extends PanelFace, PanelContent {}

/** Median, p95 and p99 of a histogram, over all its series. */
function quantiles(histogram: string): readonly PanelQuery[] {
  return [0.5, 0.95, 0.99].map((quantile) => ({
    legend: `p${quantile * 100}`,
    promql: `histogram_quantile(${quantile}, sum by (le) (rate(${histogram}_bucket[$window])))`,
  }));
}

const REQUESTS = 'asdlc_http_requests_total';

/** The quantiles of a histogram that takes exemplars. */
function traced(histogram: string) {
  return { queries: quantiles(histogram), histogram };
}

const P95: PanelHeadline = { kind: 'series', legend: 'p95' };

const CONTENTS: Readonly<Record<PanelName, PanelContent>> = {
  request_rate: {
    description: 'HTTP responses a second, by status class. 4xx includes aborted requests (499).',
    unit: 'requests_per_second',
    headline: { kind: 'sum' },
    queries: [
      {
        legend: '{{class}}',
        promql: `sum by (class) (label_replace(rate(${REQUESTS}[$window]), "class", "\${1}xx", "status", "(.).*"))`,
      },
    ],
  },
  error_ratio: {
    description: 'Share of HTTP requests that got a 5xx status, by service.',
    unit: 'ratio',
    headline: { kind: 'max' },
    queries: [
      {
        legend: '{{service}}',
        promql: `(sum by (service) (rate(${REQUESTS}{status=~"5.."}[$window])) or 0 * sum by (service) (rate(${REQUESTS}[$window]))) / sum by (service) (rate(${REQUESTS}[$window]))`,
      },
    ],
  },
  request_latency: {
    description: 'Time from the arrival of an HTTP request to the end of its response.',
    unit: 'seconds',
    headline: P95,
    ...traced('asdlc_http_request_duration_seconds'),
  },
  events_rate: {
    description: 'Attempts that ended a second, by event type and outcome. A task may take several attempts.',
    unit: 'events_per_second',
    headline: { kind: 'sum' },
    queries: [
      {
        legend: '{{event_type}} {{status}}',
        promql: 'sum by (event_type, status) (rate(asdlc_events_processed_total[$window]))',
      },
    ],
  },
  event_failures: {
    description:
      'Attempts a second: failed, retried after that, stalled with their process. Most of their tasks end well.',
    unit: 'events_per_second',
    headline: { kind: 'series', legend: 'failed' },
    queries: [
      { legend: 'failed', promql: 'sum(rate(asdlc_events_processed_total{status="failed"}[$window]))' },
      { legend: 'retried', promql: 'sum(rate(asdlc_event_retries_total[$window]))' },
      { legend: 'stalled', promql: 'sum(rate(asdlc_events_stalled_total[$window]))' },
    ],
  },
  tasks_given_up: {
    description: 'Tasks a second that became dead, by the reason of their last failure.',
    unit: 'events_per_second',
    headline: { kind: 'sum' },
    queries: [{ legend: '{{reason}}', promql: 'sum by (reason) (rate(asdlc_events_dead_total[$window]))' }],
  },
  submissions: {
    description:
      'Submissions of tasks a second, by result. After a fault some tasks are accepted that only show as duplicate.',
    unit: 'events_per_second',
    headline: { kind: 'series', legend: 'accepted' },
    queries: [
      { legend: '{{result}}', promql: 'sum by (result) (rate(asdlc_events_enqueued_total[$window]))' },
    ],
  },
  queue_depth: {
    description:
      'Tasks that wait or run, by state. Those without a handler are among the delayed and waiting ones.',
    unit: 'count',
    headline: { kind: 'series', legend: 'waiting' },
    queries: [
      {
        legend: '{{state}}',
        promql: 'sum by (state) (max by (queue, state) (asdlc_queue_tasks{state!~"dead|completed"}))',
      },
      {
        legend: 'without a handler',
        promql: 'sum(max by (queue) (asdlc_queue_unhandled_tasks))',
      },
    ],
  },
  dead_tasks: {
    description: 'Dead tasks that the queue still keeps. They go when their time is over, or by hand.',
    unit: 'count',
    headline: { kind: 'max' },
    queries: [{ legend: 'dead', promql: 'sum(max by (queue) (asdlc_queue_tasks{state="dead"}))' }],
  },
  oldest_age: {
    description: 'How long the task that is due for longest has waited; 0 when none waits.',
    unit: 'seconds',
    headline: { kind: 'max' },
    queries: [{ legend: 'oldest', promql: 'max(asdlc_queue_oldest_age_seconds)' }],
  },
  event_wait: {
    description: "Time from a task's due time to the start of its first attempt.",
    unit: 'seconds',
    headline: P95,
    ...traced('asdlc_event_wait_seconds'),
  },
  event_duration: {
    description: "How long a task's handler ran, for each attempt.",
    unit: 'seconds',
    headline: P95,
    ...traced('asdlc_event_duration_seconds'),
  },
  worker_slots: {
    description: 'Slots of all worker processes, busy and idle.',
    unit: 'count',
    headline: { kind: 'share', legend: 'busy' },
    queries: [{ legend: '{{state}}', promql: 'sum by (state) (asdlc_worker_slots)' }],
  },
  redis_up: {
    description: 'By service: 1 when every process reaches Redis, 0 when one does not.',
    unit: 'boolean',
    headline: { kind: 'min' },
    queries: [{ legend: '{{service}}', promql: 'min by (service) (asdlc_redis_connection_up)' }],
  },
  redis_latency: {
    description: 'Time from sending a Redis command to its reply, without blocking commands.',
    unit: 'seconds',
    headline: P95,
    queries: quantiles('asdlc_redis_operation_duration_seconds'),
  },
  memory: {
    description: 'Resident memory of each process.',
    unit: 'bytes',
    headline: { kind: 'sum' },
    queries: [
      {
        legend: '{{service}} {{instance}}',
        promql: 'sum by (service, instance) (asdlc_process_memory_bytes{type="rss"})',
      },
    ],
  },
  cpu: {
    description: 'CPU cores that each process uses.',
    unit: 'cores',
    headline: { kind: 'sum' },
    queries: [
      {
        legend: '{{service}} {{instance}}',
        promql: 'sum by (service, instance) (rate(asdlc_process_cpu_seconds_total[$window]))',
      },
    ],
  },
  event_loop_delay: {
    description:
      "99th percentile of the delay of each process's event loop. It includes the timer's resolution of 10 ms.",
    unit: 'seconds',
    headline: { kind: 'max' },
    queries: [
      {
        legend: '{{service}} {{instance}}',
        promql: 'max by (service, instance) (nodejs_eventloop_lag_p99_seconds)',
      },
    ],
  },
};

export const PANELS: readonly Panel[] = PANEL_FACES.map((face) => ({ ...face, ...CONTENTS[face.name] }));
