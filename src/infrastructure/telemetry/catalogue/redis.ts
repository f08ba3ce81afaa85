import { define } from './entry.ts';

export const REDIS_CONNECTION_UP = define({
  type: 'gauge',
  name: 'asdlc_redis_connection_up',
  help: 'Whether this process could write to Redis at this scrape (1) or not (0).',
  labelNames: ['service'],
  question: 'Can every process reach Redis?',
  query: 'min by (service) (asdlc_redis_connection_up)',
  panels: ['redis_up'],
});

export const REDIS_LATENCY = define({
  type: 'histogram',
  name: 'asdlc_redis_operation_duration_seconds',
  help: 'Time from sending a Redis command to its reply; blocking commands are left out.',
  labelNames: ['service', 'operation'],
  buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5],
  question: 'Which commands are slow?',
  query:
    'histogram_quantile(0.95, sum by (le, operation) (rate(asdlc_redis_operation_duration_seconds_bucket[5m])))',
  panels: ['redis_latency'],
});

export const REDIS_ERRORS = define({
  type: 'counter',
  name: 'asdlc_redis_errors_total',
  help: 'Redis commands that failed, by command: refused, timed out, or cut off.',
  labelNames: ['service', 'operation'],
  question: 'Which commands fail?',
  query: 'sum by (operation) (rate(asdlc_redis_errors_total[5m])) > 0',
});

export const REDIS_RECONNECTS = define({
  type: 'counter',
  name: 'asdlc_redis_reconnects_total',
  help: 'Connections to Redis that were lost and made again.',
  labelNames: ['service'],
  question: 'How often was a connection lost?',
  query: 'sum by (service) (increase(asdlc_redis_reconnects_total[1h]))',
});

export const REDIS_MEMORY_USED = define({
  type: 'gauge',
  name: 'asdlc_redis_memory_used_bytes',
  help: 'Memory that Redis uses for its data and buffers. The same from every process: take max, not sum.',
  labelNames: ['service'],
  note: 'It is absent while Redis does not answer, and when the user may not read `INFO`.',
  question: 'How much of its memory does Redis use?',
  query: 'max(asdlc_redis_memory_used_bytes) / (max(asdlc_redis_memory_max_bytes) > 0)',
});

export const REDIS_MEMORY_MAX = define({
  type: 'gauge',
  name: 'asdlc_redis_memory_max_bytes',
  help: 'Memory that Redis may use (maxmemory); 0: no limit. The same from every process: take max, not sum.',
  labelNames: ['service'],
  note: 'It is absent while Redis does not answer, and when the user may not read `INFO`.',
  question: 'Has Redis a memory limit?',
  query: 'max(asdlc_redis_memory_max_bytes) == 0',
});

export const REDIS_MISCONFIGURED = define({
  type: 'gauge',
  name: 'asdlc_redis_misconfigured',
  help: 'Whether a setting of the Redis server may lose accepted tasks (1) or not (0), by finding.',
  labelNames: ['service', 'finding'],
  question: 'Is Redis set up as the queue needs it?',
  query: 'max by (finding) (asdlc_redis_misconfigured) > 0',
});
