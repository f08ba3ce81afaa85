import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Job } from 'bullmq';
import type { TaskRequest } from '../../shared/http-contract/tasks.ts';
import { dataOf, type TaskData } from '../../shared/queue/queue.ts';
import { PayloadText } from './payload-text.ts';

export interface TraceContext {
  /** A valid W3C traceparent. It is kept with the task, and the task's handler gets it. */
  readonly traceparent?: string | undefined;
  /** The tracestate that belongs to it. */
  readonly tracestate?: string | undefined;
}

/** Returns the part of a request that Redis keeps as the task's data. */
export function dataOfRequest(
  { payload }: TaskRequest,
  { traceparent, tracestate }: TraceContext,
  submission: string | undefined,
): TaskData {
  return {
    ...(payload !== undefined && { payload }),
    ...(traceparent && { traceparent }),
    ...(traceparent && tracestate && { tracestate }),
    ...(submission && { submission }),
  };
}

/** Makes a task's id from a client's key. BullMQ refuses ids that contain a colon or are numbers. */
export function taskId(idempotencyKey: string, index: number): string {
  return `key-${createHash('sha256').update(`${index}\n${idempotencyKey}`).digest('hex')}`;
}

/** Whether the request could have made the task: both have the same event type and payload. */
export function isOfRequest(job: Job<TaskData>, { event_type, payload }: TaskRequest): boolean {
  const stored = dataOf(job).payload;
  if (job.name !== event_type) return false;
  return payload instanceof PayloadText ? payload.equals(stored) : isDeepStrictEqual(stored, payload);
}
