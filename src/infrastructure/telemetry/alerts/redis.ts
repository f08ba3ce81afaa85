import { THRESHOLDS } from '../../../shared/http-contract/thresholds.ts';
import { type Alert, explorePath, MINUTE, panelPath } from './alert.ts';

/** Redis without a limit says 0, and a division by that would always fire. */
const MEMORY_SHARE = 'max(asdlc_redis_memory_used_bytes) / (max(asdlc_redis_memory_max_bytes) > 0)';

/** Alerts on Redis, as the services see it. */
export const REDIS_ALERTS: readonly Alert[] = [
  {
    name: 'RedisDown',
    severity: 'critical',
    expr: 'min by (service) (asdlc_redis_connection_up) == 0',
    forSeconds: MINUTE,
    summary: '{{ $labels.service }} cannot write to Redis',
    description: 'Submissions get 503 and no task runs. Accepted tasks are in Redis.',
    dashboard: panelPath('redis_up'),
  },
  {
    name: 'RedisErrors',
    severity: 'warning',
    expr: 'sum by (service) (rate(asdlc_redis_errors_total[5m])) > 0.1',
    forSeconds: 5 * MINUTE,
    summary: 'Redis commands of {{ $labels.service }} fail',
    description:
      '{{ $value | humanize }} commands a second fail. Redis may be out of memory or unable to save.',
    dashboard: panelPath('redis_up'),
  },
  {
    name: 'RedisMemory',
    severity: 'warning',
    expr: `${MEMORY_SHARE} > ${THRESHOLDS.redisMemory}`,
    forSeconds: 5 * MINUTE,
    summary: 'Redis uses {{ $value | humanizePercentage }} of its memory',
    description: 'When its memory is full, submissions get 503 and workers cannot take tasks.',
    dashboard: explorePath(MEMORY_SHARE),
  },
  {
    name: 'RedisSlow',
    severity: 'warning',
    expr: `histogram_quantile(0.99, sum by (le, service) (rate(asdlc_redis_operation_duration_seconds_bucket[5m]))) > ${THRESHOLDS.redisSeconds}`,
    forSeconds: 10 * MINUTE,
    summary: 'Redis is slow for {{ $labels.service }}',
    description: 'One command in a hundred takes {{ $value | humanizeDuration }} or more.',
    dashboard: panelPath('redis_latency'),
  },
  {
    name: 'RedisMisconfigured',
    severity: 'warning',
    expr: 'max by (finding) (asdlc_redis_misconfigured) == 1',
    forSeconds: 5 * MINUTE,
    summary: 'A setting of Redis may lose accepted tasks: {{ $labels.finding }}',
    description: 'The log of both services names what was expected and what Redis has.',
    dashboard: '/',
  },
];
