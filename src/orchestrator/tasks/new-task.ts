import type { NewTask } from '../../shared/queue/bullmq-tasks.ts';
import { BACKOFF_TYPE } from '../../shared/queue/queue.ts';
import { dataOfRequest, type TaskRequest, type TraceContext } from './task-request.ts';

/** A request, and the id of its task. */
export interface Entry {
  readonly id: string;
  readonly request: TaskRequest;
}

export interface NewTaskOptions extends TraceContext {
  readonly maxAttempts: number;
  readonly retryDelayMs: number;
  /** Of the span of the submission, for those of the attempts. BullMQ calls it `tm`. */
  readonly spanContext: string | undefined;
}

/** Makes what Redis keeps of a task. */
export function newTask({ id, request }: Entry, options: NewTaskOptions): NewTask {
  const { event_type, priority = 0, delay_ms = 0, max_attempts } = request;
  const opts = {
    attempts: max_attempts ?? options.maxAttempts,
    backoff: { type: BACKOFF_TYPE, delay: options.retryDelayMs },
    stackTraceLimit: 5,
    ...(priority > 0 && { priority }),
    ...(delay_ms > 0 && { delay: delay_ms }),
    ...(options.spanContext !== undefined && { tm: options.spanContext }),
  };
  return {
    id,
    eventType: event_type,
    data: dataOfRequest(request, options),
    opts: JSON.stringify(opts),
    delayMs: delay_ms,
    priority,
  };
}

/** Redis, and this process, do nothing else while they work on one slice: 2 ms or so. */
const SLICE_TASKS = 100;
const SLICE_CHARACTERS = 512 * 1024;

/** Parts entries for Redis. A slice is full with its last entry, which may have a large payload. */
export function* entrySlices(entries: readonly Entry[]): Generator<readonly Entry[]> {
  let from = 0;
  let characters = 0;
  for (const [i, { request }] of entries.entries()) {
    characters += request.payload?.text.length ?? 0;
    const end = i + 1;
    if (end - from < SLICE_TASKS && characters < SLICE_CHARACTERS && end < entries.length) continue;
    yield entries.slice(from, end);
    from = end;
    characters = 0;
  }
}
