/** For each alert: series with which it fires, and near misses with which it does not. promtool evaluates them. */
export interface AlertCase {
  /** Series and values in promtool's notation, a value each minute. */
  readonly fires: Readonly<Record<string, string>>;
  readonly quiet: Readonly<Record<string, string>>;
  /** The minute at which promtool looks. */
  readonly minute?: number;
}

const WORKER = 'job="asdlc-workers",instance="w:1",service="asdlc-workers"';
const SERVER = 'job="asdlc-orchestrator",instance="o:1",service="asdlc-orchestrator"';
const QUEUE = `${WORKER},queue="tasks"`;
const STATE = 'event_type="mail",reason="error"';

/** A counter that is 0 for an hour, then grows by `step` each minute. */
const growing = (step: number) => `0x60 ${step}+${step}x60`;
/** A counter of a process that started at `minute`, and whose first value is `first`. */
const fresh = (minute: number, first: number) => `_x${minute - 1} ${first}x60`;
const STARTED = (minute: number) => ({
  [`process_start_time_seconds{${WORKER}}`]: `_x${minute - 1} ${minute * 60 - 20}x60`,
});
const requests = (failed: number, endpoint = '/api/tasks', status = '503') => ({
  [`asdlc_http_requests_total{${SERVER},method="POST",endpoint="/api/tasks",status="202"}`]: '0+1000x120',
  [`asdlc_http_requests_total{${SERVER},method="POST",endpoint="${endpoint}",status="${status}"}`]: `0+${failed}x120`,
});
const durations = (fast: number, endpoint = '/api/tasks') => ({
  [`asdlc_http_request_duration_seconds_bucket{${SERVER},method="POST",endpoint="${endpoint}",le="0.5"}`]: `0+${fast}x120`,
  [`asdlc_http_request_duration_seconds_count{${SERVER},method="POST",endpoint="${endpoint}"}`]: '0+1000x120',
});
const memory = (used: number, max: number) => ({
  [`asdlc_redis_memory_used_bytes{${WORKER}}`]: `${used}x120`,
  [`asdlc_redis_memory_max_bytes{${WORKER}}`]: `${max}x120`,
  [`asdlc_redis_memory_used_bytes{${SERVER}}`]: `${used}x120`,
  [`asdlc_redis_memory_max_bytes{${SERVER}}`]: `${max}x120`,
});
const attempts = (failed: number) => ({
  [`asdlc_events_processed_total{${WORKER},event_type="mail",status="success"}`]: '0+100x120',
  [`asdlc_events_processed_total{${WORKER},event_type="mail",status="failed"}`]: `0+${failed}x120`,
});
const wedge = (fetched: string, idle: number, redis = 1) => ({
  [`asdlc_worker_last_fetch_timestamp_seconds{${WORKER}}`]: fetched,
  [`asdlc_worker_slots{${WORKER},state="idle"}`]: `${idle}x120`,
  [`asdlc_redis_connection_up{${WORKER}}`]: `${redis}x120`,
});
const oldest = (seconds: number, paused = 0) => ({
  [`asdlc_queue_oldest_age_seconds{${QUEUE}}`]: `${seconds}x120`,
  [`asdlc_queue_paused{${QUEUE}}`]: `${paused}x120`,
});
const backlog = (values: string) => ({ [`asdlc_queue_tasks{${QUEUE},state="waiting"}`]: values });
const one = (series: string, fires: string, quiet: string): Pick<AlertCase, 'fires' | 'quiet'> => ({
  fires: { [series]: fires },
  quiet: { [series]: quiet },
});

export const CASES: Readonly<Record<string, AlertCase>> = {
  TargetDown: one('up{job="asdlc-workers",instance="w:1"}', '1x60 0x30', '1x68 0x30'),
  OrchestratorMissing: one(`asdlc_query_in_flight{${SERVER}}`, '0x50 stale', '0x120'),
  WorkersMissing: one(`asdlc_worker_slots{${WORKER},state="busy"}`, '0x50 stale', '0x120'),
  EventLoopBlocked: one(`nodejs_eventloop_lag_p99_seconds{${WORKER}}`, '0.01x60 0.8x30', '0.4x120'),
  ProcessMemory: {
    ...one(`asdlc_process_memory_bytes{${WORKER},type="rss"}`, '2000000000x120', '500000000x120'),
    minute: 90,
  },
  LabelOverflow: one(`asdlc_metrics_label_overflow_total{${WORKER},metric="m"}`, growing(1), '7x120'),
  CollectorErrors: one(
    `asdlc_metrics_collector_errors_total{${WORKER},collector="queue"}`,
    growing(2),
    '0x64 1x60',
  ),
  RedisDown: one(`asdlc_redis_connection_up{${WORKER}}`, '1x60 0x30', '1x69 0 1x30'),
  RedisErrors: one(`asdlc_redis_errors_total{${WORKER},operation="eval"}`, '0+60x120', '0+1x120'),
  RedisMemory: { fires: memory(95, 100), quiet: memory(85, 100) },
  RedisSlow: {
    fires: {
      [`asdlc_redis_operation_duration_seconds_bucket{${WORKER},operation="eval",le="0.25"}`]: '0+90x120',
      [`asdlc_redis_operation_duration_seconds_bucket{${WORKER},operation="eval",le="0.5"}`]: '0+100x120',
      [`asdlc_redis_operation_duration_seconds_bucket{${WORKER},operation="eval",le="+Inf"}`]: '0+100x120',
    },
    quiet: {
      [`asdlc_redis_operation_duration_seconds_bucket{${WORKER},operation="eval",le="0.25"}`]: '0+1000x120',
      [`asdlc_redis_operation_duration_seconds_bucket{${WORKER},operation="eval",le="0.5"}`]: '0+1001x120',
      [`asdlc_redis_operation_duration_seconds_bucket{${WORKER},operation="eval",le="+Inf"}`]: '0+1001x120',
    },
  },
  RedisMisconfigured: one(
    `asdlc_redis_misconfigured{${WORKER},finding="maxmemory_policy"}`,
    '1x120',
    '0x120',
  ),
  ConsumerWedged: { fires: wedge('3600x120', 2), quiet: wedge('0+60x120', 2) },
  QueueLatency: { fires: oldest(90), quiet: oldest(50) },
  QueueLatencyHigh: { fires: oldest(400), quiet: oldest(400, 1) },
  QueueGrowing: { fires: backlog('0+50x120'), quiet: backlog('6000-40x120'), minute: 100 },
  QueuePaused: { ...one(`asdlc_queue_paused{${QUEUE}}`, '1x120', '0x30 1x90'), minute: 70 },
  EventTypePaused: {
    fires: { [`asdlc_queue_paused_type_tasks{${QUEUE},event_type="order.paid"}`]: '0x120' },
    quiet: { [`asdlc_queue_paused_type_tasks{${QUEUE},event_type="order.paid"}`]: '_x30 3x90' },
    minute: 70,
  },
  TasksWithoutHandler: one(`asdlc_queue_unhandled_tasks{${QUEUE}}`, '0x60 3x60', '0x68 3x60'),
  AttemptFailRate: { fires: attempts(20), quiet: attempts(3) },
  DeadTasks: one(`asdlc_events_dead_total{${WORKER},${STATE}}`, growing(1), '40x120'),
  MassDeath: {
    fires: { [`asdlc_events_dead_total{${WORKER},${STATE}}`]: fresh(68, 506), ...STARTED(68) },
    quiet: { [`asdlc_events_dead_total{${WORKER},${STATE}}`]: '506+1x120', ...STARTED(1) },
  },
  TasksStalled: one(`asdlc_events_stalled_total{${WORKER}}`, growing(1), '9x120'),
  PoolSaturated: {
    ...one(`asdlc_worker_slots{${WORKER},state="idle"}`, '0x120', '1x80 0x40'),
    minute: 90,
  },
  QueueDamaged: one(`asdlc_queue_entries_removed_total{${WORKER},reason="vanished"}`, growing(1), '3x120'),
  SchedulesMissed: one(`asdlc_schedule_missed_total{${SERVER}}`, growing(1), '3x120'),
  AvailabilityBudgetBurn: { fires: requests(30), quiet: requests(5) },
  LatencyBudgetBurn: { fires: durations(700), quiet: durations(950) },
  QueriesFail: {
    fires: {
      [`asdlc_query_requests_total{${SERVER},endpoint="query",code="200"}`]: '0+80x120',
      [`asdlc_query_requests_total{${SERVER},endpoint="query",code="503"}`]: '0+20x120',
    },
    quiet: {
      [`asdlc_query_requests_total{${SERVER},endpoint="query",code="200"}`]: '0+80x120',
      [`asdlc_query_requests_total{${SERVER},endpoint="query",code="400"}`]: '0+20x120',
    },
  },
};

/** More series with which an alert must not fire. */
export const MORE_QUIET: readonly { alert: string; because: string; series: Record<string, string> }[] = [
  { alert: 'ConsumerWedged', because: 'all slots are busy', series: wedge('3600x120', 0) },
  { alert: 'ConsumerWedged', because: 'Redis is down', series: wedge('3600x120', 2, 0) },
  {
    alert: 'DeadTasks',
    because: 'the tasks died long ago',
    series: {
      [`asdlc_events_dead_total{${WORKER},${STATE}}`]: fresh(40, 506),
      ...STARTED(40),
    },
  },
  {
    alert: 'MassDeath',
    because: 'the scraper was away, and the process is old',
    series: {
      [`asdlc_events_dead_total{${WORKER},${STATE}}`]: fresh(65, 506),
      [`process_start_time_seconds{${WORKER}}`]: '0x120',
    },
  },
  {
    alert: 'AvailabilityBudgetBurn',
    because: 'only /health/ready fails',
    series: requests(500, '/health/ready'),
  },
  {
    alert: 'LatencyBudgetBurn',
    because: 'only queries are slow',
    series: durations(100, '/api/metrics/query'),
  },
  { alert: 'RedisMemory', because: 'Redis has no limit', series: memory(95, 0) },
  {
    alert: 'AttemptFailRate',
    because: 'few attempts failed, though all did',
    series: { [`asdlc_events_processed_total{${WORKER},event_type="mail",status="failed"}`]: '0+1x120' },
  },
  { alert: 'QueueLatency', because: 'somebody paused the queue', series: oldest(90, 1) },
];
