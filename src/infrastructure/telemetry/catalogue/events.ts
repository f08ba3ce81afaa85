import { define } from './entry.ts';
import { timeBuckets } from './time-buckets.ts';

export const EVENTS_PROCESSED = define({
  type: 'counter',
  name: 'asdlc_events_processed_total',
  help: 'Attempts at tasks that ended in this process, by outcome; types without a handler count as unknown.',
  labelNames: ['service', 'event_type', 'status'],
  labelValues: { status: ['success', 'failed'] },
  question: 'How many attempts end a second, and how?',
  query: 'sum by (event_type, status) (rate(asdlc_events_processed_total[5m]))',
  panels: ['events_rate', 'event_failures'],
});

export const EVENTS_ENQUEUED = define({
  type: 'counter',
  name: 'asdlc_events_enqueued_total',
  help: 'Submissions of tasks, by event type and result: accepted, duplicate (the same Idempotency-Key), deduplicated, rejected (4xx) or error (5xx).',
  labelNames: ['service', 'event_type', 'result'],
  labelValues: { result: ['accepted', 'duplicate', 'deduplicated', 'rejected', 'error'] },
  note: `\`accepted\` alone is too low after a fault. A submission may be queued although its reply is lost: the client sends it
again with its \`Idempotency-Key\`, and that counts as \`duplicate\`. Both results together are an upper bound, because they also
count what was only sent twice:

\`\`\`promql
sum by (event_type) (increase(asdlc_events_enqueued_total{result=~"accepted|duplicate"}[1h]))
\`\`\``,
  question: 'What do clients submit, and what is refused?',
  query: 'sum by (event_type, result) (rate(asdlc_events_enqueued_total[5m]))',
  panels: ['submissions'],
});

export const EVENT_WAIT = define({
  type: 'histogram',
  name: 'asdlc_event_wait_seconds',
  help: "Time from a task's due time (or its retry by hand) to the start of its first attempt, by Redis's clock.",
  labelNames: ['service', 'event_type'],
  buckets: timeBuckets(0.004, 7200),
  enableExemplars: true,
  question: 'How long do tasks wait for a worker?',
  query: 'histogram_quantile(0.95, sum by (le, event_type) (rate(asdlc_event_wait_seconds_bucket[5m])))',
  panels: ['event_wait'],
});

export const EVENT_DURATION = define({
  type: 'histogram',
  name: 'asdlc_event_duration_seconds',
  help: "Time that a task's handler ran, each attempt by itself.",
  labelNames: ['service', 'event_type', 'status'],
  labelValues: { status: ['success', 'failed'] },
  buckets: timeBuckets(0.004, 3600),
  enableExemplars: true,
  question: 'How long do handlers run?',
  query: 'histogram_quantile(0.95, sum by (le, event_type) (rate(asdlc_event_duration_seconds_bucket[5m])))',
  panels: ['event_duration'],
});

export const EVENT_RETRIES = define({
  type: 'counter',
  name: 'asdlc_event_retries_total',
  help: 'Failed attempts that are followed by another attempt, by reason.',
  labelNames: ['service', 'event_type', 'reason'],
  labelValues: { reason: ['error', 'timeout'] },
  question: 'Which event types need several attempts, and why?',
  query: 'sum by (event_type, reason) (rate(asdlc_event_retries_total[15m])) > 0',
  panels: ['event_failures'],
});

export const EVENTS_DEAD = define({
  type: 'counter',
  name: 'asdlc_events_dead_total',
  help: 'Tasks that workers gave up, by reason of their last failure; stalled: the task ended its worker process.',
  labelNames: ['service', 'event_type', 'reason'],
  labelValues: {
    reason: [
      'error',
      'timeout',
      'not_retryable',
      'unknown_type',
      'invalid_payload',
      'child_dead',
      'unreadable',
      'stalled',
      'cancelled',
    ],
  },
  question: 'Which tasks were given up in the last hour?',
  query: 'sum by (event_type, reason) (increase(asdlc_events_dead_total[1h])) > 0',
  panels: ['tasks_given_up'],
});

export const EVENTS_STALLED = define({
  type: 'counter',
  name: 'asdlc_events_stalled_total',
  help: 'Tasks taken back from a worker process that died or lost its connection.',
  labelNames: ['service'],
  question: 'Did workers die during an attempt?',
  query: 'increase(asdlc_events_stalled_total[1h]) > 0',
  panels: ['event_failures'],
});

export const HANDLER_STRAY_ERRORS = define({
  type: 'counter',
  name: 'asdlc_handler_stray_errors_total',
  help: "Errors that nobody caught and that came after their handler's attempt, as of a promise that it did not await.",
  labelNames: ['service', 'event_type'],
  question: 'Which handlers leave work behind that fails?',
  query: 'sum by (event_type) (increase(asdlc_handler_stray_errors_total[1h])) > 0',
});
