import { define } from './entry.ts';

export const ACTIVE_WORKERS = define({
  type: 'gauge',
  name: 'asdlc_active_workers',
  help: 'Worker slots of this process that are processing a task now.',
  labelNames: ['service'],
  question: 'How many slots are busy?',
  query: 'sum(asdlc_active_workers)',
});

export const WORKER_SLOTS = define({
  type: 'gauge',
  name: 'asdlc_worker_slots',
  help: 'Worker slots of this process, busy and idle.',
  labelNames: ['service', 'state'],
  labelValues: { state: ['busy', 'idle'] },
  question: 'What share of the slots is busy?',
  query: 'sum(asdlc_worker_slots{state="busy"}) / sum(asdlc_worker_slots)',
  panels: ['worker_slots'],
});

export const WORKER_LAST_FETCH = define({
  type: 'gauge',
  name: 'asdlc_worker_last_fetch_timestamp_seconds',
  help: 'When this process last asked the queue for a task and got a reply; 0 before the first time. It does not ask while all of its slots are busy.',
  labelNames: ['service'],
  question: 'Does a worker process with idle slots ask for no tasks?',
  query:
    'time() - asdlc_worker_last_fetch_timestamp_seconds > 60 and ignoring (state) asdlc_worker_slots{state="idle"} > 0',
});
