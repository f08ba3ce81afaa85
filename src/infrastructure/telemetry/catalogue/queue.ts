import { define } from './entry.ts';

export const ACTIVE_TASKS = define({
  type: 'gauge',
  name: 'asdlc_active_tasks',
  help: 'Tasks being processed now in the whole queue; the same from every process, so take max, not sum.',
  labelNames: ['service'],
  question: 'How many tasks run now?',
  query: 'max(asdlc_active_tasks)',
});

export const QUEUE_TASKS = define({
  type: 'gauge',
  name: 'asdlc_queue_tasks',
  help: 'Tasks in the queue, by state; a delayed task that is due counts as waiting, and a blocked one waits for other tasks to complete. The same from every process: take max of each queue, then the sum of the queues.',
  labelNames: ['service', 'queue', 'state'],
  labelValues: { state: ['waiting', 'active', 'delayed', 'blocked', 'dead', 'completed', 'paused'] },
  question: 'How long is the backlog?',
  note: '`dead` and `completed` are stocks that the queue keeps for a while. Leave them out of what waits. `paused` tasks are due, but somebody paused their event type: no further worker helps.',
  query: 'sum by (state) (max by (queue, state) (asdlc_queue_tasks{state!~"dead|completed"}))',
  panels: ['queue_depth', 'dead_tasks'],
});

export const QUEUE_UNHANDLED = define({
  type: 'gauge',
  name: 'asdlc_queue_unhandled_tasks',
  help: 'Tasks that wait because the worker that took them has no handler for their event type. The same from every process: take max of each queue, then the sum of the queues.',
  labelNames: ['service', 'queue'],
  question: 'Do tasks wait for a worker that handles them?',
  query: 'sum(max by (queue) (asdlc_queue_unhandled_tasks)) > 0',
  panels: ['queue_depth'],
});

export const QUEUE_OLDEST_AGE = define({
  type: 'gauge',
  name: 'asdlc_queue_oldest_age_seconds',
  help: "How long the task that is due for longest has waited, by Redis's clock; 0 when none waits. Tasks of paused event types do not count.",
  labelNames: ['service', 'queue'],
  question: 'Does the queue keep up?',
  query: 'max(asdlc_queue_oldest_age_seconds)',
  panels: ['oldest_age'],
});

export const QUEUE_PAUSED = define({
  type: 'gauge',
  name: 'asdlc_queue_paused',
  help: 'Whether the queue is paused (1), so that workers take no tasks, or not (0). The same from every process: take max, not sum.',
  labelNames: ['service', 'queue'],
  question: 'Is the queue paused?',
  query: 'max by (queue) (asdlc_queue_paused) == 1',
});

export const QUEUE_PAUSED_TYPE_TASKS = define({
  type: 'gauge',
  name: 'asdlc_queue_paused_type_tasks',
  help: 'Tasks that wait because somebody paused their event type; absent for a type that is not paused. The same from every process: take max, not sum.',
  labelNames: ['service', 'queue', 'event_type'],
  question: 'Which event types are paused, and what waits?',
  query: 'max by (queue, event_type) (asdlc_queue_paused_type_tasks)',
});

export const QUEUE_ENTRIES_REMOVED = define({
  type: 'counter',
  name: 'asdlc_queue_entries_removed_total',
  help: "Entries that workers removed from the queue's lists: the task had vanished, or the entry repeated one that runs or has ended.",
  labelNames: ['service', 'reason'],
  labelValues: { reason: ['vanished', 'repeated'] },
  question: 'Was the queue in Redis damaged?',
  query: 'sum by (reason) (increase(asdlc_queue_entries_removed_total[1h])) > 0',
});
