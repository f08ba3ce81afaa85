import { define } from './entry.ts';

export const EVENT_LISTENERS = define({
  type: 'gauge',
  name: 'asdlc_event_listeners',
  help: 'Clients that wait for news of tasks now: open streams of events, and requests that wait for the end of a task.',
  labelNames: ['service', 'kind'],
  labelValues: { kind: ['stream', 'wait'] },
  question: 'How many clients follow tasks, and how near is the limit of a process?',
  query: 'max by (instance, kind) (asdlc_event_listeners)',
});

export const EVENT_STREAMS_ENDED = define({
  type: 'counter',
  name: 'asdlc_event_streams_ended_total',
  help: 'Streams of events that ended: the client left, was too slow, or may read no more; Redis was away, the process stopped, or age (10 min).',
  labelNames: ['service', 'reason'],
  labelValues: { reason: ['client', 'slow', 'redis', 'stop', 'age', 'token'] },
  question: 'Are clients cut off because they are too slow?',
  query: 'sum by (reason) (increase(asdlc_event_streams_ended_total[1h]))',
});
