/**
 * Every `asdlc_*` metric, as data: the one place to add or change one.
 * Names, labels and buckets are a public contract (dashboards and alerts depend on them).
 */

export interface MetricDefinition<L extends string = string> {
  readonly type: 'counter' | 'gauge' | 'histogram' | 'info';
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly L[];
  /** Upper bounds in the metric's base unit, ascending, without +Inf. Histograms only. */
  readonly buckets?: readonly number[];
  /** Whether samples carry exemplars (the trace of one observation) in OpenMetrics. */
  readonly enableExemplars?: boolean;
}

/** Keeps the literal types of a definition, so that its labels are checked where it is used. */
function define<const D extends MetricDefinition>(definition: D): D {
  return definition;
}

export const SERVICE_INFO = define({
  type: 'info',
  name: 'asdlc_service_info',
  help: 'The running service and its version; always 1.',
  labelNames: ['service', 'version'],
});

export const REQUEST_COUNT = define({
  type: 'counter',
  name: 'asdlc_http_requests_total',
  help: 'HTTP requests answered, by route pattern; an aborted request counts as status 499.',
  labelNames: ['service', 'method', 'endpoint', 'status'],
});

export const REQUEST_LATENCY = define({
  type: 'histogram',
  name: 'asdlc_http_request_duration_seconds',
  help: 'Time from the arrival of an HTTP request to the end of its response.',
  labelNames: ['service', 'method', 'endpoint'],
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  enableExemplars: true,
});

export const REQUESTS_IN_PROGRESS = define({
  type: 'gauge',
  name: 'asdlc_http_requests_in_progress',
  help: 'HTTP requests being answered now.',
  labelNames: ['service'],
});

export const EVENTS_PROCESSED = define({
  type: 'counter',
  name: 'asdlc_events_processed_total',
  help: 'Attempts at tasks that ended in this process, by outcome; types without a handler count as unknown.',
  labelNames: ['service', 'event_type', 'status'],
});

export const ACTIVE_TASKS = define({
  type: 'gauge',
  name: 'asdlc_active_tasks',
  help: 'Tasks being processed now over the whole queue; the same from every process, so take max, not sum.',
  labelNames: ['service'],
});

export const ACTIVE_WORKERS = define({
  type: 'gauge',
  name: 'asdlc_active_workers',
  help: 'Worker slots of this process that are processing a task now.',
  labelNames: ['service'],
});

export const REDIS_CONNECTION_UP = define({
  type: 'gauge',
  name: 'asdlc_redis_connection_up',
  help: 'Whether Redis answered a PING within its limit at this scrape (1) or not (0).',
  labelNames: ['service'],
});

export const REDIS_LATENCY = define({
  type: 'histogram',
  name: 'asdlc_redis_operation_duration_seconds',
  help: 'Time from sending a Redis command to its reply; blocking commands are left out.',
  labelNames: ['service', 'operation'],
  buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5],
});

export const EVENTS_ENQUEUED = define({
  type: 'counter',
  name: 'asdlc_events_enqueued_total',
  help: 'Submissions of tasks, by event type and result: accepted, duplicate, rejected or error.',
  labelNames: ['service', 'event_type', 'result'],
});

export const EVENT_WAIT = define({
  type: 'histogram',
  name: 'asdlc_event_wait_seconds',
  help: "Time from a task's due time (or its retry by hand) to the start of its first attempt, by Redis's clock.",
  labelNames: ['service', 'event_type'],
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800],
  enableExemplars: true,
});

export const EVENT_DURATION = define({
  type: 'histogram',
  name: 'asdlc_event_duration_seconds',
  help: "Time that a task's handler ran, each attempt by itself.",
  labelNames: ['service', 'event_type', 'status'],
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600],
  enableExemplars: true,
});

export const EVENT_RETRIES = define({
  type: 'counter',
  name: 'asdlc_event_retries_total',
  help: 'Failed attempts after which the task is tried again, by reason.',
  labelNames: ['service', 'event_type', 'reason'],
});

export const EVENTS_DEAD = define({
  type: 'counter',
  name: 'asdlc_events_dead_total',
  help: 'Tasks that were given up, by reason of their last failure.',
  labelNames: ['service', 'event_type', 'reason'],
});

export const EVENTS_STALLED = define({
  type: 'counter',
  name: 'asdlc_events_stalled_total',
  help: 'Tasks taken back from a worker process that died or lost its connection.',
  labelNames: ['service'],
});

export const HANDLER_STRAY_ERRORS = define({
  type: 'counter',
  name: 'asdlc_handler_stray_errors_total',
  help: "Errors that nobody caught and that came after their handler's attempt, as of a promise that it did not await.",
  labelNames: ['service', 'event_type'],
});

export const QUEUE_TASKS = define({
  type: 'gauge',
  name: 'asdlc_queue_tasks',
  help: 'Tasks in the queue by state; delayed ones that are due wait. The same from every process: take max, not sum.',
  labelNames: ['service', 'queue', 'state'],
});

export const QUEUE_OLDEST_AGE = define({
  type: 'gauge',
  name: 'asdlc_queue_oldest_age_seconds',
  help: "How long the task that is due for longest has waited, by Redis's clock; 0 when none waits.",
  labelNames: ['service', 'queue'],
});

export const WORKER_SLOTS = define({
  type: 'gauge',
  name: 'asdlc_worker_slots',
  help: 'Worker slots of this process, busy and idle.',
  labelNames: ['service', 'state'],
});

export const WORKER_LAST_FETCH = define({
  type: 'gauge',
  name: 'asdlc_worker_last_fetch_timestamp_seconds',
  help: 'When this process last asked the queue for a task and was answered; 0 before the first time. It does not ask while all of its slots are busy.',
  labelNames: ['service'],
});

export const REDIS_ERRORS = define({
  type: 'counter',
  name: 'asdlc_redis_errors_total',
  help: 'Redis commands that failed, by command: refused, timed out, or cut off.',
  labelNames: ['service', 'operation'],
});

export const REDIS_RECONNECTS = define({
  type: 'counter',
  name: 'asdlc_redis_reconnects_total',
  help: 'Connections to Redis that were lost and made again.',
  labelNames: ['service'],
});

export const PROCESS_MEMORY_BYTES = define({
  type: 'gauge',
  name: 'asdlc_process_memory_bytes',
  help: 'Memory of this process: resident (rss) and virtual (vms), read at the scrape.',
  labelNames: ['service', 'type'],
});

export const PROCESS_CPU_SECONDS = define({
  type: 'counter',
  name: 'asdlc_process_cpu_seconds_total',
  help: 'User and system CPU time spent by this process.',
  labelNames: ['service'],
});

export const COLLECTOR_ERRORS = define({
  type: 'counter',
  name: 'asdlc_metrics_collector_errors_total',
  help: 'Collectors that failed or were late at a scrape; the other metrics were served.',
  labelNames: ['service', 'collector'],
});

export const SCRAPES = define({
  type: 'counter',
  name: 'asdlc_metrics_scrapes_total',
  help: 'Scrapes of /metrics answered, by HTTP status.',
  labelNames: ['service', 'code'],
});

export const SCRAPE_DURATION = define({
  type: 'histogram',
  name: 'asdlc_metrics_scrape_duration_seconds',
  help: 'Time to answer a scrape of /metrics, collectors, rendering and sending together.',
  labelNames: ['service'],
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
});

export const SERIES = define({
  type: 'gauge',
  name: 'asdlc_metrics_series',
  help: 'Live series of the instruments of this process; a histogram counts once for each label set.',
  labelNames: ['service'],
});

export const LABEL_OVERFLOW = define({
  type: 'counter',
  name: 'asdlc_metrics_label_overflow_total',
  help: 'Uses of a new label set past the limit of its metric, counted in its overflow series instead.',
  labelNames: ['service', 'metric'],
});

export const QUERY_REQUESTS = define({
  type: 'counter',
  name: 'asdlc_query_requests_total',
  help: 'Requests of the query API answered, by endpoint and HTTP status; 499 for a caller that left.',
  labelNames: ['service', 'endpoint', 'code'],
});

export const QUERY_UPSTREAM_DURATION = define({
  type: 'histogram',
  name: 'asdlc_query_upstream_duration_seconds',
  help: 'Time from sending a query to the TSDB to the end of its answer, whatever that was.',
  labelNames: ['service', 'endpoint'],
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
});

export const QUERY_IN_FLIGHT = define({
  type: 'gauge',
  name: 'asdlc_query_in_flight',
  help: 'Queries that the TSDB is answering now.',
  labelNames: ['service'],
});

export const QUERY_COALESCED = define({
  type: 'counter',
  name: 'asdlc_query_coalesced_total',
  help: 'Queries answered by the request of an identical one that was under way.',
  labelNames: ['service', 'endpoint'],
});

export const QUERY_REJECTED = define({
  type: 'counter',
  name: 'asdlc_query_rejected_total',
  help: 'Queries refused for load: queue_full, queue_timeout or rate_limit.',
  labelNames: ['service', 'endpoint', 'reason'],
});

/** All of the above, for documentation and for tests of naming conventions. */
export const METRIC_DEFINITIONS: readonly MetricDefinition[] = [
  SERVICE_INFO,
  REQUEST_COUNT,
  REQUEST_LATENCY,
  REQUESTS_IN_PROGRESS,
  EVENTS_PROCESSED,
  ACTIVE_TASKS,
  ACTIVE_WORKERS,
  REDIS_CONNECTION_UP,
  REDIS_LATENCY,
  REDIS_ERRORS,
  REDIS_RECONNECTS,
  EVENTS_ENQUEUED,
  EVENT_WAIT,
  EVENT_DURATION,
  EVENT_RETRIES,
  EVENTS_DEAD,
  EVENTS_STALLED,
  HANDLER_STRAY_ERRORS,
  QUEUE_TASKS,
  QUEUE_OLDEST_AGE,
  WORKER_SLOTS,
  WORKER_LAST_FETCH,
  PROCESS_MEMORY_BYTES,
  PROCESS_CPU_SECONDS,
  COLLECTOR_ERRORS,
  SCRAPES,
  SCRAPE_DURATION,
  SERIES,
  LABEL_OVERFLOW,
  QUERY_REQUESTS,
  QUERY_UPSTREAM_DURATION,
  QUERY_IN_FLIGHT,
  QUERY_COALESCED,
  QUERY_REJECTED,
];
