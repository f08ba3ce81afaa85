import { randomUUID } from 'node:crypto';
import type { NewTask } from '../../shared/queue/bullmq-tasks.ts';
import type { FlowTask, KeptFlow } from '../../shared/queue/flow.ts';
import { BACKOFF_TYPE } from '../../shared/queue/queue.ts';
import type { OneQueue } from './task-queues.ts';
import {
  allTasks,
  dataOfRequest,
  keptTasks,
  type MemberRequest,
  type TaskRequest,
  type TraceContext,
} from './task-request.ts';

/** A request, and the ids of its tasks. */
export interface Entry {
  readonly id: string;
  readonly request: TaskRequest;
  /** Of all of them. */
  readonly queue: OneQueue;
  readonly children: readonly FlowTask[];
  readonly next: readonly FlowTask[];
  /** See `digestOfMembers`. */
  readonly digest: string | undefined;
  /** See `digestOfDebounced`. */
  readonly firstPayload: string | undefined;
}

/** The tasks within a request get random ids: the task itself knows them when it is submitted again under its key. */
export function entryOf(
  { id, queue }: Pick<Entry, 'id' | 'queue'>,
  request: TaskRequest,
  digests: Pick<Entry, 'digest' | 'firstPayload'>,
): Entry {
  const named = ({ event_type }: MemberRequest) => ({ id: randomUUID(), eventType: event_type });
  const { children = [], next = [] } = request;
  return { id, queue, request, children: children.map(named), next: next.map(named), ...digests };
}

export interface NewTaskOptions extends TraceContext {
  readonly maxAttempts: number;
  readonly retryDelayMs: number;
  /** Of the span of the submission, for those of the attempts. BullMQ calls it `tm`. */
  readonly spanContext: string | undefined;
}

/** Makes what Redis keeps of the tasks of a request, the task itself first. */
export function newTasks(entry: Entry, options: NewTaskOptions): NewTask[] {
  const { id, request, children, next, digest } = entry;
  const main = { id, eventType: request.event_type };
  const runsAnyway = request.on_child_dead === 'run';
  const inChain = [main, ...next];
  const followerOf = (at: number) => {
    const follower = inChain[at + 1];
    return follower && { id: follower.id, runsAnyway: false };
  };
  const flow: KeptFlow | undefined =
    digest === undefined
      ? undefined
      : {
          ...(children.length > 0 && { children: keptTasks(children) }),
          ...(next.length > 0 && { next: keptTasks(next) }),
          digest,
        };
  return [
    {
      ...newTask(main, delayedRequest(request), options, flow),
      members: children.length + next.length,
      isBlocked: children.length > 0,
      parent: followerOf(0),
      ...deduplicationOf(entry),
    },
    ...children.map((child, i) => ({
      ...newTask(child, request.children?.[i] ?? request, options),
      parent: { id, runsAnyway },
    })),
    ...next.map((step, i) => {
      const { id: previous, eventType } = inChain[i] ?? main;
      return {
        ...newTask(step, request.next?.[i] ?? request, options, { previous: [previous, eventType] }),
        isBlocked: true,
        parent: followerOf(i + 1),
      };
    }),
  ];
}

/** A debounced task waits for its time. */
function delayedRequest(request: TaskRequest): TaskRequest {
  const { mode, ttl_ms = 0 } = request.deduplication ?? {};
  return mode === 'debounce' ? { ...request, delay_ms: ttl_ms } : request;
}

function deduplicationOf({ request, firstPayload = '' }: Entry): Partial<NewTask> {
  if (request.deduplication === undefined) return {};
  const { id, mode = 'simple', ttl_ms: ttlMs = 0 } = request.deduplication;
  return { deduplication: { name: `${request.event_type}:${id}`, mode, ttlMs, firstPayload } };
}

/** Makes what Redis keeps of one task. */
export function newTask(
  { id, eventType }: FlowTask,
  request: MemberRequest,
  options: NewTaskOptions,
  flow?: KeptFlow,
): NewTask {
  const { priority = 0, delay_ms = 0, max_attempts } = request;
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
    eventType,
    data: dataOfRequest(request, options, flow),
    opts: JSON.stringify(opts),
    delayMs: delay_ms,
    priority,
  };
}

/** Redis, and this process, do nothing else while they work on one slice: 2 ms or so. */
const SLICE_TASKS = 100;
const SLICE_CHARACTERS = 512 * 1024;

/** Parts entries for Redis. A slice is full with its last entry, which may have a large payload or many tasks. */
export function* entrySlices(entries: readonly Entry[]): Generator<readonly Entry[]> {
  let from = 0;
  let [characters, tasks] = [0, 0];
  for (const [i, { request }] of entries.entries()) {
    for (const { payload } of allTasks([request])) {
      characters += payload?.text.length ?? 0;
      tasks += 1;
    }
    const end = i + 1;
    if (tasks < SLICE_TASKS && characters < SLICE_CHARACTERS && end < entries.length) continue;
    yield entries.slice(from, end);
    from = end;
    [characters, tasks] = [0, 0];
  }
}
