import { THRESHOLDS } from '../../../shared/http-contract/thresholds.ts';
import { type Alert, increaseOf, MINUTE, panelPath } from './alert.ts';

const OLDEST = 'max by (queue) (asdlc_queue_oldest_age_seconds)';
const WAITING = 'max by (queue) (asdlc_queue_tasks{state="waiting"})';
const FETCHED = 'asdlc_worker_last_fetch_timestamp_seconds';
/** Somebody who paused the queue wants its tasks to wait. */
const UNLESS_PAUSED = 'unless max by (queue) (asdlc_queue_paused) == 1';
const { warning, critical } = THRESHOLDS.oldestAgeSeconds;

/** Alerts on what becomes of tasks. */
export const TASK_ALERTS: readonly Alert[] = [
  {
    name: 'ConsumerWedged',
    severity: 'critical',
    expr: `${FETCHED} == ${FETCHED} offset 1m and ignoring (state) asdlc_worker_slots{state="idle"} > 0 and on (job, instance) asdlc_redis_connection_up == 1`,
    forSeconds: MINUTE,
    summary: 'The worker at {{ $labels.instance }} has idle slots and asks for no tasks',
    description: 'It reaches Redis, but has not asked the queue for a task for over a minute.',
    dashboard: panelPath('worker_slots'),
  },
  {
    name: 'QueueLatency',
    severity: 'warning',
    expr: `${OLDEST} > ${warning} ${UNLESS_PAUSED}`,
    forSeconds: 5 * MINUTE,
    summary: 'The oldest task of the queue {{ $labels.queue }} has waited {{ $value | humanizeDuration }}',
    description: 'Workers do not keep up with what clients submit.',
    dashboard: panelPath('oldest_age'),
  },
  {
    name: 'QueueLatencyHigh',
    severity: 'critical',
    expr: `${OLDEST} > ${critical} ${UNLESS_PAUSED}`,
    forSeconds: 2 * MINUTE,
    summary: 'The oldest task of the queue {{ $labels.queue }} has waited {{ $value | humanizeDuration }}',
    description: 'Workers do not keep up by far, or no worker runs tasks.',
    dashboard: panelPath('oldest_age'),
  },
  {
    name: 'QueueGrowing',
    severity: 'warning',
    expr: `${WAITING} > ${THRESHOLDS.growingBacklog} and deriv(${WAITING}[30m:1m]) > 0 ${UNLESS_PAUSED}`,
    forSeconds: 15 * MINUTE,
    summary: '{{ $value | humanize }} tasks of the queue {{ $labels.queue }} wait, and their number grows',
    description: 'For half an hour more tasks came than workers ended.',
    dashboard: panelPath('queue_depth'),
  },
  {
    name: 'QueuePaused',
    severity: 'warning',
    expr: 'max by (queue) (asdlc_queue_paused) == 1',
    forSeconds: 60 * MINUTE,
    summary: 'The queue {{ $labels.queue }} has been paused for an hour',
    description: 'Somebody paused it and may have forgotten to resume it. Submissions are accepted and wait.',
    dashboard: '/tasks',
  },
  {
    name: 'EventTypePaused',
    severity: 'warning',
    expr: 'max by (queue, event_type) (asdlc_queue_paused_type_tasks) >= 0',
    forSeconds: 60 * MINUTE,
    summary: 'The event type {{ $labels.event_type }} has been paused for an hour',
    description:
      'Somebody paused it and may have forgotten to resume it. {{ $value | humanize }} of its tasks wait. QueueLatency leaves them out.',
    dashboard: '/tasks',
  },
  {
    name: 'TasksWithoutHandler',
    severity: 'warning',
    expr: 'max by (queue) (asdlc_queue_unhandled_tasks) > 0',
    forSeconds: 5 * MINUTE,
    summary: '{{ $value | humanize }} tasks wait for a worker that has their handler',
    description: 'They become dead when UNKNOWN_TYPE_GRACE is over.',
    dashboard: panelPath('queue_depth'),
  },
  {
    name: 'AttemptFailRate',
    severity: 'warning',
    expr: `asdlc:attempts_failed:ratio_rate5m > ${THRESHOLDS.failedAttempts} and sum(increase(asdlc_events_processed_total[5m])) >= ${THRESHOLDS.fewestAttempts}`,
    forSeconds: 10 * MINUTE,
    summary: '{{ $value | humanizePercentage }} of attempts fail',
    description: 'These are attempts. A task whose attempt failed may still succeed: see DeadTasks.',
    dashboard: panelPath('event_failures'),
  },
  {
    name: 'DeadTasks',
    severity: 'warning',
    expr: 'asdlc:tasks_dead:increase10m{reason!~"cancelled|child_dead"} > 0',
    forSeconds: 0,
    summary: '{{ $value | humanize }} tasks of {{ $labels.event_type }} were given up',
    description:
      'In the last ten minutes, with the reason {{ $labels.reason }}. They stay in the queue as dead.',
    dashboard: '/tasks?status=dead',
  },
  {
    name: 'MassDeath',
    severity: 'critical',
    expr: `sum(asdlc:tasks_dead:increase10m{reason!~"cancelled|child_dead"}) > ${THRESHOLDS.massDeath}`,
    forSeconds: 0,
    summary: '{{ $value | humanize }} tasks were given up in ten minutes',
    description:
      'A release, a payload or a dependency breaks many tasks at once. Each may need a retry by hand.',
    dashboard: '/tasks?status=dead',
  },
  {
    name: 'TasksStalled',
    severity: 'warning',
    expr: `${increaseOf('asdlc_events_stalled_total', [])} > 0`,
    forSeconds: 0,
    summary: '{{ $value | humanize }} tasks were taken back from worker processes',
    description: 'A worker died, hung or lost Redis during an attempt. The tasks run again.',
    dashboard: panelPath('event_failures'),
  },
  {
    name: 'PoolSaturated',
    severity: 'warning',
    expr: 'sum(asdlc_worker_slots{state="idle"}) == 0',
    forSeconds: 15 * MINUTE,
    summary: 'All worker slots have been busy for 15 minutes',
    description: 'New tasks wait. Attempts may hang, or the pool is too small.',
    dashboard: panelPath('worker_slots'),
  },
  {
    name: 'QueueDamaged',
    severity: 'warning',
    expr: `${increaseOf('asdlc_queue_entries_removed_total', ['reason'])} > 0`,
    forSeconds: 0,
    summary: 'Workers removed damaged entries from the queue: {{ $labels.reason }}',
    description: 'Keys of the queue in Redis were changed or evicted by somebody else.',
    dashboard: '/explore',
  },
  {
    name: 'SchedulesMissed',
    severity: 'warning',
    expr: `${increaseOf('asdlc_schedule_missed_total', [])} > 0`,
    forSeconds: 0,
    summary: 'Schedules missed {{ $value | humanize }} due times',
    description:
      'No orchestrator could queue their tasks in time. Each schedule has made one task since then.',
    dashboard: '/schedules',
  },
];

export const TASK_RECORDINGS = [
  {
    record: 'asdlc:attempts_failed:ratio_rate5m',
    expr: 'sum(rate(asdlc_events_processed_total{status="failed"}[5m])) / sum(rate(asdlc_events_processed_total[5m]))',
  },
  {
    record: 'asdlc:tasks_dead:increase10m',
    expr: increaseOf('asdlc_events_dead_total', ['event_type', 'reason']),
  },
];
