import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Job } from 'bullmq';
import type { TaskRequest } from '../../shared/http-contract/tasks.ts';
import { dataOf, type TaskData } from '../../shared/queue/queue.ts';

export interface TraceContext {
  /** A valid W3C traceparent, kept with the task and given to its handler. */
  readonly traceparent?: string | undefined;
  /** The tracestate that belongs to it. */
  readonly tracestate?: string | undefined;
}

/** What Redis keeps of a request. */
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

/** A task's id from a client's key; a job id takes no colon and must not be a number. */
export function taskId(idempotencyKey: string, index: number): string {
  return `key-${createHash('sha256').update(`${index}\n${idempotencyKey}`).digest('hex')}`;
}

/** Whether a task could have come of the request. */
export function isOfRequest(job: Job<TaskData>, request: TaskRequest): boolean {
  return job.name === request.event_type && isDeepStrictEqual(dataOf(job).payload, request.payload);
}
