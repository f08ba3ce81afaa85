import { define } from './entry.ts';
import { timeBuckets } from './time-buckets.ts';

export const QUERY_REQUESTS = define({
  type: 'counter',
  name: 'asdlc_query_requests_total',
  help: 'Requests of the query API answered, by endpoint and HTTP status; 499 when the caller left.',
  labelNames: ['service', 'endpoint', 'code'],
  question: 'Which queries fail?',
  query: 'sum by (endpoint, code) (rate(asdlc_query_requests_total[5m]))',
});

export const QUERY_UPSTREAM_DURATION = define({
  type: 'histogram',
  name: 'asdlc_query_upstream_duration_seconds',
  help: 'Time from sending a query to the TSDB to the end of its response, whatever its status.',
  labelNames: ['service', 'endpoint'],
  buckets: timeBuckets(0.001, 30),
  question: 'How slow is the TSDB?',
  query:
    'histogram_quantile(0.95, sum by (le, endpoint) (rate(asdlc_query_upstream_duration_seconds_bucket[5m])))',
});

export const QUERY_IN_FLIGHT = define({
  type: 'gauge',
  name: 'asdlc_query_in_flight',
  help: 'Queries that the TSDB is answering now.',
  labelNames: ['service'],
  question: 'How many queries run at once?',
  query: 'max_over_time(asdlc_query_in_flight[5m])',
});

export const QUERY_COALESCED = define({
  type: 'counter',
  name: 'asdlc_query_coalesced_total',
  help: 'Queries that shared the request of an identical query under way.',
  labelNames: ['service', 'endpoint'],
  question: 'How many queries share the request of another one?',
  query: 'sum by (endpoint) (rate(asdlc_query_coalesced_total[5m]))',
});

export const QUERY_REJECTED = define({
  type: 'counter',
  name: 'asdlc_query_rejected_total',
  help: 'Queries refused because of load, by reason.',
  labelNames: ['service', 'endpoint', 'reason'],
  labelValues: { reason: ['queue_full', 'queue_timeout', 'rate_limit'] },
  question: 'Which queries are refused, and why?',
  query: 'sum by (reason) (rate(asdlc_query_rejected_total[5m])) > 0',
});
