import { createHash } from 'node:crypto';
import type {
  MemberRequest as WireMember,
  TaskRequest as WireRequest,
} from '../../shared/http-contract/tasks.ts';
import { type Flow, type FlowTask, type KeptFlow, parseFlow } from '../../shared/queue/flow.ts';
import { type EndOfStep, inSlices } from '../../shared/service/time-slice.ts';
import { digestJson } from './json-digest.ts';
import type { JsonText } from './json-text.ts';
import type { TaskJob } from './task-lookup.ts';
import { joinData, othersOfPayload, splitData } from './task-text.ts';

type WithText<T> = Omit<T, 'payload'> & { readonly payload?: JsonText };
/** A task within a request. */
export type MemberRequest = WithText<WireMember>;
/** A request whose payloads stay texts. */
export type TaskRequest = WithText<Omit<WireRequest, 'children' | 'next'>> & {
  readonly children?: readonly MemberRequest[];
  readonly next?: readonly MemberRequest[];
};

/** All tasks of requests. */
export function allTasks(requests: readonly TaskRequest[]): readonly MemberRequest[] {
  if (requests.every(({ children, next }) => !children && !next)) return requests;
  return requests.flatMap((request) => [request, ...(request.children ?? []), ...(request.next ?? [])]);
}

/** Returns what tells the tasks within a request from others; undefined: it has none. */
export async function digestOfMembers(
  { children = [], next = [], on_child_dead = 'fail' }: TaskRequest,
  endOfStep?: EndOfStep,
): Promise<string | undefined> {
  if (children.length + next.length === 0) return undefined;
  const parts: unknown[] = [on_child_dead, children.length];
  for (const { event_type, payload } of [...children, ...next]) {
    parts.push(
      event_type,
      payload === undefined ? null : await inSlices(digestJson(payload.text), endOfStep),
    );
  }
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** Returns what tells the payload of a debounced task from others; undefined: it is not debounced. */
export async function digestOfDebounced(
  { deduplication, payload }: TaskRequest,
  endOfStep?: EndOfStep,
): Promise<string | undefined> {
  return deduplication?.mode === 'debounce' ? digestOfPayload(payload, endOfStep) : undefined;
}

async function digestOfPayload(payload: JsonText | undefined, endOfStep?: EndOfStep): Promise<string> {
  return payload === undefined ? 'none' : inSlices(digestJson(payload.text), endOfStep);
}

export interface TraceContext {
  /** A valid W3C traceparent. It is kept with the task, and the task's handler gets it. */
  readonly traceparent?: string | undefined;
  /** The tracestate that belongs to it. */
  readonly tracestate?: string | undefined;
}

/** Returns the JSON of what Redis keeps of a request as the task's data: see `TaskData`. */
export function dataOfRequest(
  { payload }: MemberRequest,
  { traceparent, tracestate }: TraceContext,
  flow?: KeptFlow,
): string {
  const others = {
    ...(flow && { flow }),
    ...(traceparent && { traceparent }),
    ...(traceparent && tracestate && { tracestate }),
  };
  return joinData({ payload, others });
}

/** Makes a task's id from a client's key. BullMQ refuses ids that contain a colon or are numbers. */
export function taskId(idempotencyKey: string, index: number): string {
  return `key-${createHash('sha256').update(`${index}\n${idempotencyKey}`).digest('hex')}`;
}

/**
 * Returns the flow of a task if the request could have made it: both have the same event type, payload, and tasks within.
 * Undefined: it could not.
 */
export async function flowIfSame(
  job: Pick<TaskJob, 'name' | 'data' | 'firstPayload'>,
  { event_type, payload }: TaskRequest,
  digest: string | undefined,
  endOfStep?: EndOfStep,
): Promise<Flow | undefined> {
  if (job.name !== event_type) return undefined;
  if (job.firstPayload !== undefined) {
    const isSame = digest === undefined && (await digestOfPayload(payload, endOfStep)) === job.firstPayload;
    return isSame ? parseFlow(undefined) : undefined;
  }
  const flow = await flowOfPayload(job.data, payload, endOfStep);
  return flow?.digest === digest ? flow : undefined;
}

async function flowOfPayload(
  data: string,
  payload: JsonText | undefined,
  endOfStep?: EndOfStep,
): Promise<Flow | undefined> {
  const sentAgain = payload && othersOfPayload(data, payload); // as it was
  if (sentAgain !== undefined) return parseFlow(sentAgain.flow);
  const { payload: stored, others } = await splitData(data, endOfStep);
  const isSame =
    payload === undefined || stored === undefined
      ? payload === stored
      : await payload.equals(stored, endOfStep);
  return isSame ? parseFlow(others.flow) : undefined;
}

/** Names tasks as a task's data keep them. */
export function keptTasks(tasks: readonly FlowTask[]): readonly (readonly [string, string])[] {
  return tasks.map(({ id, eventType }) => [id, eventType]);
}
