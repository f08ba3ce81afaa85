import { createHash } from 'node:crypto';
import type { TaskRequest as WireRequest } from '../../shared/http-contract/tasks.ts';
import type { EndOfStep } from '../../shared/service/time-slice.ts';
import type { JsonText } from './json-text.ts';
import type { TaskJob } from './task-lookup.ts';
import { beginsWithPayload, joinData, splitData } from './task-text.ts';

/** A request whose payload stays a text. */
export type TaskRequest = Omit<WireRequest, 'payload'> & { readonly payload?: JsonText };

export interface TraceContext {
  /** A valid W3C traceparent. It is kept with the task, and the task's handler gets it. */
  readonly traceparent?: string | undefined;
  /** The tracestate that belongs to it. */
  readonly tracestate?: string | undefined;
}

/** Returns the JSON of what Redis keeps of a request as the task's data: see `TaskData`. */
export function dataOfRequest({ payload }: TaskRequest, { traceparent, tracestate }: TraceContext): string {
  const others = { ...(traceparent && { traceparent }), ...(traceparent && tracestate && { tracestate }) };
  return joinData({ payload, others });
}

/** Makes a task's id from a client's key. BullMQ refuses ids that contain a colon or are numbers. */
export function taskId(idempotencyKey: string, index: number): string {
  return `key-${createHash('sha256').update(`${index}\n${idempotencyKey}`).digest('hex')}`;
}

/** Whether the request could have made the task: both have the same event type and payload. */
export async function isOfRequest(
  job: Pick<TaskJob, 'name' | 'data'>,
  { event_type, payload }: TaskRequest,
  endOfStep?: EndOfStep,
): Promise<boolean> {
  if (job.name !== event_type) return false;
  if (payload !== undefined && beginsWithPayload(job.data, payload)) return true; // sent again as it was
  const stored = (await splitData(job.data, endOfStep)).payload;
  return payload === undefined || stored === undefined
    ? payload === stored
    : payload.equals(stored, endOfStep);
}
