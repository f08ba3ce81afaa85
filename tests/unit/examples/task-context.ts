import { pino } from 'pino';
import type { TaskContext } from '../../../src/workers/handler.ts';

/** Returns what a worker passes to a handler for this payload. */
export function taskContext(payload: unknown, signal = new AbortController().signal): TaskContext {
  return {
    id: 'task-1',
    eventType: 'test.event',
    payload,
    attempt: 1,
    children: [],
    previous: undefined,
    traceparent: undefined,
    tracestate: undefined,
    signal,
    logger: pino({ level: 'silent' }),
    progress: () => undefined,
  };
}
