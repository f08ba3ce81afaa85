import { define } from './entry.ts';
import { timeBuckets } from './time-buckets.ts';

export const SCHEDULE_RUNS = define({
  type: 'counter',
  name: 'asdlc_schedule_runs_total',
  help: 'Tasks that schedules made, by trigger: due (in time), catch_up (due times had passed without a task) or by_hand.',
  labelNames: ['service', 'trigger'],
  labelValues: { trigger: ['due', 'catch_up', 'by_hand'] },
  question: 'How many tasks do schedules make, and why?',
  query: 'sum by (trigger) (increase(asdlc_schedule_runs_total[1h]))',
});

export const SCHEDULE_MISSED = define({
  type: 'counter',
  name: 'asdlc_schedule_missed_total',
  help: 'Due times of schedules that passed without a task, because no orchestrator could queue it in time.',
  labelNames: ['service'],
  question: 'Did schedules miss due times?',
  query: 'sum(increase(asdlc_schedule_missed_total[1h])) > 0',
});

export const SCHEDULE_LATENESS = define({
  type: 'histogram',
  name: 'asdlc_schedule_lateness_seconds',
  help: "Time from a schedule's due time to the moment its task was queued, by Redis's clock.",
  labelNames: ['service'],
  buckets: timeBuckets(0.001, 7200),
  question: 'How late are the tasks of schedules queued?',
  query: 'histogram_quantile(0.99, sum by (le) (rate(asdlc_schedule_lateness_seconds_bucket[15m])))',
});
