import { writeFileSync } from 'node:fs';
import { METRIC_DEFINITIONS, type MetricDefinition } from '../src/infrastructure/telemetry/catalogue.ts';

/*
 * Writes docs/metrics.md from the definitions: `npx node scripts/metrics-docs.ts`. A test fails when it is stale.
 */

/** By metric: the question that it answers, and a query that asks it. */
const QUESTIONS: Readonly<Record<string, readonly [question: string, query: string]>> = {
  asdlc_service_info: ['Which versions run where?', 'count by (service, version) (asdlc_service_info)'],
  asdlc_http_requests_total: [
    'What share of requests fails?',
    'sum by (service) (rate(asdlc_http_requests_total{status=~"5.."}[5m])) / sum by (service) (rate(asdlc_http_requests_total[5m]))',
  ],
  asdlc_http_request_duration_seconds: [
    'How slow are the slowest hundredth of requests?',
    'histogram_quantile(0.99, sum by (le, service, endpoint) (rate(asdlc_http_request_duration_seconds_bucket[5m])))',
  ],
  asdlc_http_requests_in_progress: [
    'Do requests pile up?',
    'max_over_time(asdlc_http_requests_in_progress[5m])',
  ],
  asdlc_events_processed_total: [
    'How many attempts end a second, and how?',
    'sum by (event_type, status) (rate(asdlc_events_processed_total[5m]))',
  ],
  asdlc_active_tasks: ['How many tasks run now?', 'max(asdlc_active_tasks)'],
  asdlc_active_workers: ['How many slots work?', 'sum(asdlc_active_workers)'],
  asdlc_redis_connection_up: [
    'Can every process reach Redis?',
    'min by (service) (asdlc_redis_connection_up)',
  ],
  asdlc_redis_operation_duration_seconds: [
    'Which commands are slow?',
    'histogram_quantile(0.95, sum by (le, operation) (rate(asdlc_redis_operation_duration_seconds_bucket[5m])))',
  ],
  asdlc_redis_errors_total: [
    'Which commands fail?',
    'sum by (operation) (rate(asdlc_redis_errors_total[5m])) > 0',
  ],
  asdlc_redis_reconnects_total: [
    'How often was a connection lost?',
    'sum by (service) (increase(asdlc_redis_reconnects_total[1h]))',
  ],
  asdlc_events_enqueued_total: [
    'What is submitted, and what is refused?',
    'sum by (event_type, result) (rate(asdlc_events_enqueued_total[5m]))',
  ],
  asdlc_event_wait_seconds: [
    'How long do tasks wait for a worker?',
    'histogram_quantile(0.95, sum by (le, event_type) (rate(asdlc_event_wait_seconds_bucket[5m])))',
  ],
  asdlc_event_duration_seconds: [
    'How long do handlers run?',
    'histogram_quantile(0.95, sum by (le, event_type) (rate(asdlc_event_duration_seconds_bucket[5m])))',
  ],
  asdlc_event_retries_total: [
    'Which types need several attempts, and why?',
    'sum by (event_type, reason) (rate(asdlc_event_retries_total[15m])) > 0',
  ],
  asdlc_events_dead_total: [
    'What was given up in the last hour?',
    'sum by (event_type, reason) (increase(asdlc_events_dead_total[1h])) > 0',
  ],
  asdlc_events_stalled_total: ['Did workers die at work?', 'increase(asdlc_events_stalled_total[1h]) > 0'],
  asdlc_handler_stray_errors_total: [
    'Which handlers leave work behind that fails?',
    'sum by (event_type) (increase(asdlc_handler_stray_errors_total[1h])) > 0',
  ],
  asdlc_queue_tasks: ['How long is the backlog?', 'max by (state) (asdlc_queue_tasks)'],
  asdlc_queue_oldest_age_seconds: ['Does the queue keep up?', 'max(asdlc_queue_oldest_age_seconds)'],
  asdlc_worker_slots: [
    'What share of the slots is busy?',
    'sum(asdlc_worker_slots{state="busy"}) / sum(asdlc_worker_slots)',
  ],
  asdlc_worker_last_fetch_timestamp_seconds: [
    'Is a worker wedged?',
    'time() - asdlc_worker_last_fetch_timestamp_seconds > 60 and ignoring (state) asdlc_worker_slots{state="idle"} > 0',
  ],
  asdlc_process_memory_bytes: ['Does a process grow?', 'deriv(asdlc_process_memory_bytes{type="rss"}[1h])'],
  asdlc_process_cpu_seconds_total: [
    'How many cores does a process use?',
    'rate(asdlc_process_cpu_seconds_total[5m])',
  ],
  asdlc_metrics_collector_errors_total: [
    'Is a collector broken?',
    'sum by (service, collector) (increase(asdlc_metrics_collector_errors_total[15m])) > 0',
  ],
  asdlc_metrics_scrapes_total: [
    'Who is refused?',
    'sum by (service, code) (rate(asdlc_metrics_scrapes_total[5m]))',
  ],
  asdlc_metrics_scrape_duration_seconds: [
    'What does a scrape cost?',
    'histogram_quantile(0.99, sum by (le, service) (rate(asdlc_metrics_scrape_duration_seconds_bucket[15m])))',
  ],
  asdlc_query_requests_total: [
    'Which queries fail?',
    'sum by (endpoint, code) (rate(asdlc_query_requests_total[5m]))',
  ],
  asdlc_query_upstream_duration_seconds: [
    'How slow is the TSDB?',
    'histogram_quantile(0.95, sum by (le, endpoint) (rate(asdlc_query_upstream_duration_seconds_bucket[5m])))',
  ],
  asdlc_query_in_flight: ['How many queries run at once?', 'max_over_time(asdlc_query_in_flight[5m])'],
  asdlc_query_coalesced_total: [
    'How many queries were answered by another one under way?',
    'sum by (endpoint) (rate(asdlc_query_coalesced_total[5m]))',
  ],
  asdlc_query_rejected_total: [
    'Which queries are turned away, and why?',
    'sum by (reason) (rate(asdlc_query_rejected_total[5m])) > 0',
  ],
  asdlc_metrics_series: ['Does the number of series grow?', 'max by (service) (asdlc_metrics_series)'],
  asdlc_metrics_label_overflow_total: [
    'Has a metric too many label sets?',
    'increase(asdlc_metrics_label_overflow_total[1h]) > 0',
  ],
};

/** By metric: the label that has few values, and these. */
const VALUES: Readonly<Record<string, readonly [label: string, values: string]>> = {
  asdlc_http_requests_total: ['status', 'the HTTP status; 499 for a client that left'],
  asdlc_events_processed_total: ['status', 'success, failed'],
  asdlc_events_enqueued_total: ['result', 'accepted, duplicate, rejected (4xx), error (5xx)'],
  asdlc_event_duration_seconds: ['status', 'success, failed'],
  asdlc_event_retries_total: ['reason', 'error, timeout'],
  asdlc_events_dead_total: [
    'reason',
    'error, timeout, not_retryable, unknown_type, invalid_payload, stalled (its worker process died of it)',
  ],
  asdlc_queue_tasks: ['state', 'waiting, active, delayed, dead'],
  asdlc_worker_slots: ['state', 'busy, idle'],
  asdlc_process_memory_bytes: ['type', 'rss, vms'],
  asdlc_query_rejected_total: ['reason', 'queue_full, queue_timeout, rate_limit'],
};

/** The page's text. Throws for a metric that has no question. */
export function metricsPage(definitions: readonly MetricDefinition[] = METRIC_DEFINITIONS): string {
  return `# Metrics

Written by \`npx node scripts/metrics-docs.ts\` from
[catalogue.ts](../src/infrastructure/telemetry/catalogue.ts); do not edit.

Every metric carries \`service\`. Those of the whole queue are the same from every process: take \`max\`, not \`sum\`.
Beside these, both services expose Node's own \`nodejs_*\` and \`process_*\`.

${definitions.map(section).join('\n')}`;
}

/** The queries of the page, to be checked. */
export function queries(): string[] {
  return Object.values(QUESTIONS).map(([, query]) => query);
}

function section({ name, type, help, labelNames, buckets, enableExemplars }: MetricDefinition): string {
  const entry = QUESTIONS[name];
  if (entry === undefined)
    throw new Error(`expected a question and a query for ${name} in scripts/metrics-docs.ts`);
  const [question, query] = entry;
  const values = VALUES[name];
  return `## ${name}

${help}

${type === 'info' ? 'gauge, always 1' : type} · labels: ${labelNames.map((label) => `\`${label}\``).join(', ')}${
    buckets ? ` · buckets: ${buckets.join(', ')}` : ''
  }${enableExemplars ? ' · exemplars: `trace_id`' : ''}${values ? `\n\n\`${values[0]}\`: ${values[1]}` : ''}

${question}

\`\`\`promql
${query}
\`\`\`
`;
}

if (import.meta.main) writeFileSync(new URL('../docs/metrics.md', import.meta.url), metricsPage());
