/** The named panels of the query API, as data: what the dashboard draws and the documentation lists. */

export const PANEL_UNITS = [
  'requests_per_second',
  'events_per_second',
  'ratio',
  'seconds',
  'bytes',
  'count',
  'cores',
  'boolean',
] as const;

export interface PanelQuery {
  /** What a series is called; `{{label}}` stands for the value of its label. */
  readonly legend: string;
  /** PromQL in which `$window` stands for the range of rates. */
  readonly promql: string;
}

export interface Panel {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly unit: (typeof PANEL_UNITS)[number];
  readonly queries: readonly PanelQuery[];
}

/** The quantiles that matter of a histogram, over all its series. */
function quantiles(histogram: string): readonly PanelQuery[] {
  return [0.5, 0.95, 0.99].map((quantile) => ({
    legend: `p${quantile * 100}`,
    promql: `histogram_quantile(${quantile}, sum by (le) (rate(${histogram}_bucket[$window])))`,
  }));
}

const REQUESTS = 'asdlc_http_requests_total';

export const PANELS: readonly Panel[] = [
  {
    name: 'request_rate',
    title: 'Requests',
    description: 'HTTP requests answered a second, by class of status; 4xx holds aborted requests (499) too.',
    unit: 'requests_per_second',
    queries: [
      {
        legend: '{{class}}',
        promql: `sum by (class) (label_replace(rate(${REQUESTS}[$window]), "class", "\${1}xx", "status", "(.).*"))`,
      },
    ],
  },
  {
    name: 'error_ratio',
    title: 'Error ratio',
    description: 'Share of HTTP requests that were answered with a 5xx status, by service.',
    unit: 'ratio',
    queries: [
      {
        legend: '{{service}}',
        promql: `(sum by (service) (rate(${REQUESTS}{status=~"5.."}[$window])) or 0 * sum by (service) (rate(${REQUESTS}[$window]))) / sum by (service) (rate(${REQUESTS}[$window]))`,
      },
    ],
  },
  {
    name: 'request_latency',
    title: 'Request latency',
    description: 'Time from the arrival of an HTTP request to the end of its response.',
    unit: 'seconds',
    queries: quantiles('asdlc_http_request_duration_seconds'),
  },
  {
    name: 'events_rate',
    title: 'Events',
    description: 'Attempts at tasks that ended a second, by event type and outcome.',
    unit: 'events_per_second',
    queries: [
      {
        legend: '{{event_type}} {{status}}',
        promql: 'sum by (event_type, status) (rate(asdlc_events_processed_total[$window]))',
      },
    ],
  },
  {
    name: 'event_failures',
    title: 'Failures',
    description:
      'Attempts that failed, attempts to be made again, tasks given up, and tasks taken back, a second.',
    unit: 'events_per_second',
    queries: [
      { legend: 'failed', promql: 'sum(rate(asdlc_events_processed_total{status="failed"}[$window]))' },
      { legend: 'retried', promql: 'sum(rate(asdlc_event_retries_total[$window]))' },
      { legend: 'dead', promql: 'sum(rate(asdlc_events_dead_total[$window]))' },
      { legend: 'stalled', promql: 'sum(rate(asdlc_events_stalled_total[$window]))' },
    ],
  },
  {
    name: 'event_wait',
    title: 'Wait time',
    description: "Time from a task's due time to the start of its first attempt.",
    unit: 'seconds',
    queries: quantiles('asdlc_event_wait_seconds'),
  },
  {
    name: 'event_duration',
    title: 'Run time',
    description: "Time that a task's handler ran, each attempt by itself.",
    unit: 'seconds',
    queries: quantiles('asdlc_event_duration_seconds'),
  },
  {
    name: 'queue_depth',
    title: 'Queue depth',
    description: 'Tasks in the queue, by state.',
    unit: 'count',
    queries: [{ legend: '{{state}}', promql: 'max by (state) (asdlc_queue_tasks)' }],
  },
  {
    name: 'oldest_age',
    title: 'Oldest waiting task',
    description: 'How long the task that is due for longest has waited; 0 when none waits.',
    unit: 'seconds',
    queries: [{ legend: 'oldest', promql: 'max(asdlc_queue_oldest_age_seconds)' }],
  },
  {
    name: 'worker_slots',
    title: 'Worker slots',
    description: 'Slots of all worker processes, busy and idle.',
    unit: 'count',
    queries: [{ legend: '{{state}}', promql: 'sum by (state) (asdlc_worker_slots)' }],
  },
  {
    name: 'redis_up',
    title: 'Redis connection',
    description: 'Whether every process of a service reaches Redis (1) or one does not (0).',
    unit: 'boolean',
    queries: [{ legend: '{{service}}', promql: 'min by (service) (asdlc_redis_connection_up)' }],
  },
  {
    name: 'redis_latency',
    title: 'Redis latency',
    description: 'Time from sending a Redis command to its reply, without blocking commands.',
    unit: 'seconds',
    queries: quantiles('asdlc_redis_operation_duration_seconds'),
  },
  {
    name: 'memory',
    title: 'Memory',
    description: 'Resident memory of each process.',
    unit: 'bytes',
    queries: [
      {
        legend: '{{service}} {{instance}}',
        promql: 'sum by (service, instance) (asdlc_process_memory_bytes{type="rss"})',
      },
    ],
  },
  {
    name: 'cpu',
    title: 'CPU',
    description: 'Cores that each process uses.',
    unit: 'cores',
    queries: [
      {
        legend: '{{service}} {{instance}}',
        promql: 'sum by (service, instance) (rate(asdlc_process_cpu_seconds_total[$window]))',
      },
    ],
  },
  {
    name: 'event_loop_delay',
    title: 'Event-loop delay',
    description:
      "99th percentile of the delay of each process's event loop, timer resolution of 10 ms included.",
    unit: 'seconds',
    queries: [
      {
        legend: '{{service}} {{instance}}',
        promql: 'max by (service, instance) (nodejs_eventloop_lag_p99_seconds)',
      },
    ],
  },
];
