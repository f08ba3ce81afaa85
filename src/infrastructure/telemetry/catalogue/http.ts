import { define } from './entry.ts';

export const REQUEST_COUNT = define({
  type: 'counter',
  name: 'asdlc_http_requests_total',
  help: 'HTTP requests answered, by route pattern; an aborted request counts as status 499.',
  labelNames: ['service', 'method', 'endpoint', 'status'],
  labelValues: { status: 'the HTTP status; 499 when the client left' },
  question: 'What share of requests fails?',
  query:
    'sum by (service) (rate(asdlc_http_requests_total{status=~"5.."}[5m])) / sum by (service) (rate(asdlc_http_requests_total[5m]))',
  panels: ['request_rate', 'error_ratio'],
});

export const REQUEST_LATENCY = define({
  type: 'histogram',
  name: 'asdlc_http_request_duration_seconds',
  help: 'Time from the arrival of an HTTP request to the end of its response.',
  labelNames: ['service', 'method', 'endpoint'],
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  enableExemplars: true,
  question: 'How slow are the slowest hundredth of requests?',
  query:
    'histogram_quantile(0.99, sum by (le, service, endpoint) (rate(asdlc_http_request_duration_seconds_bucket[5m])))',
  panels: ['request_latency'],
});

export const REQUESTS_IN_PROGRESS = define({
  type: 'gauge',
  name: 'asdlc_http_requests_in_progress',
  help: 'HTTP requests being answered now.',
  labelNames: ['service'],
  question: 'Do requests pile up?',
  query: 'max_over_time(asdlc_http_requests_in_progress[5m])',
});

export const STATE_CHANGES = define({
  type: 'counter',
  name: 'asdlc_state_changes_total',
  help: 'Calls of the API that change something, by action and result; the audit lines of the log name who made them.',
  labelNames: ['service', 'action', 'result'],
  labelValues: {
    action: [
      'task.submit',
      'task.remove',
      'task.retry',
      'task.cancel',
      'task.run',
      'task.bulk',
      'queue.pause',
      'queue.resume',
      'event_type.pause',
      'event_type.resume',
      'schedule.put',
      'schedule.remove',
      'schedule.pause',
      'schedule.resume',
      'schedule.run',
    ],
    result: ['done', 'refused', 'failed'],
  },
  question: 'Who changes what, and how often?',
  query: 'sum by (action, result) (increase(asdlc_state_changes_total[1h]))',
});
