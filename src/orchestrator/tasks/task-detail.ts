import type { TypePause } from '../../shared/http-contract/event-types.ts';
import type {
  BriefTask,
  ListedTask,
  RelatedTask,
  TaskDetail,
  TaskStatus,
} from '../../shared/http-contract/tasks.ts';
import { type ListedJob, startOf } from '../../shared/queue/bullmq-fields.ts';
import type { TaskOutline } from '../../shared/queue/bullmq-flow-reading.ts';
import { UNREADABLE } from '../../shared/queue/bullmq-guard.ts';
import type { Flow, FlowTask } from '../../shared/queue/flow.ts';
import { dataOf, type KeptData } from '../../shared/queue/queue.ts';
import { isoTime } from './iso-time.ts';
import { JsonText, storedJson } from './json-text.ts';
import type { FoundTask } from './task-lookup.ts';
import { splitData } from './task-text.ts';

/** The most characters of an error in a list, where each of many tasks may have a long one. */
const MAX_LISTED_ERROR = 1_000;

/** The pauses of event types, by event type. */
export type Pauses = ReadonlyMap<string, TypePause>;

/** Where a task was found, and what its queue says of event types. */
export interface Seen {
  readonly status: TaskStatus;
  readonly queue: string;
  readonly pauses: Pauses;
}

/** Reads the tasks with these ids. */
type ReadOutlines = (ids: readonly string[]) => Promise<readonly TaskOutline[]>;

/** Makes the response for one task, for `writeTaskDetail`: payload and result are texts. */
export async function taskDetail(
  { job, status, queue }: FoundTask,
  pauses: Pauses,
  readOutlines: ReadOutlines,
): Promise<TaskDetail> {
  const { payload, others, damage } = await splitData(job.data);
  const failedReason = job.failedReason || (damage ? UNREADABLE + damage : '');
  const kept = dataOf({ data: others });
  const result = status === 'completed' ? await storedJson(job.returnvalue) : undefined;
  return {
    ...shown({ ...job, failedReason }, { status, queue, pauses }),
    ...(await relatedTasks(job.parentId, kept.flow, readOutlines)),
    payload,
    traceparent: kept.traceparent ?? null,
    schedule: scheduleOf(kept),
    progress: job.progress,
    result,
  };
}

function scheduleOf({ schedule, schedule_due = 0 }: KeptData): TaskDetail['schedule'] {
  return schedule === undefined ? null : { id: schedule, due_at: isoTime(schedule_due) };
}

async function relatedTasks(
  parentId: string | undefined,
  flow: Flow | undefined,
  readOutlines: ReadOutlines,
): Promise<Pick<TaskDetail, 'parent' | 'children' | 'next'>> {
  const children = flow?.previous ? [flow.previous] : (flow?.children ?? []);
  const next = flow?.next ?? [];
  const ids = [...children, ...next].map(({ id }) => id);
  const outlines = await readOutlines(parentId === undefined ? ids : [...ids, parentId]);
  const found = new Map(outlines.map((outline) => [outline.id, outline]));
  const related = ({ id, eventType }: FlowTask): RelatedTask => ({
    id,
    event_type: found.get(id)?.eventType || eventType,
    status: found.get(id)?.status ?? null,
  });
  return {
    parent: parentId === undefined ? null : related({ id: parentId, eventType: '' }),
    children: children.map(related),
    next: next.map(related),
  };
}

/** Returns the same without payload and result. */
export function briefly({ payload: _, result: __, ...brief }: TaskDetail): BriefTask {
  return brief;
}

/** Writes what `taskDetail` or `briefly` made. */
export function writeTaskDetail(task: TaskDetail | BriefTask): string {
  if (!('payload' in task)) return JSON.stringify(task);
  const { result, ...others } = task;
  return `${writeWithPayload(others).slice(0, -1)},"result":${textOf(result)}}`;
}

/** Writes an object whose payload is a text. */
export function writeWithPayload({ payload, ...others }: { readonly payload?: unknown }): string {
  return `${JSON.stringify(others).slice(0, -1)},"payload":${textOf(payload)}}`;
}

function textOf(value: unknown): string {
  return value instanceof JsonText ? value.text : 'null';
}

/** Makes what a list shows of a task. */
export function listedTask(job: ListedJob, seen: Seen): ListedTask {
  return shown({ ...job, failedReason: job.failedReason.slice(0, MAX_LISTED_ERROR) }, seen);
}

function shown(job: ListedJob, { status, queue, pauses }: Seen): ListedTask {
  const isPending = status === 'delayed' || status === 'queued';
  const isUnhandled = isPending && job.unhandledSince > 0;
  const isScheduled = status === 'delayed' && job.attemptsMade === 0 && !isUnhandled;
  const startedMs = startOf(job.processedOn, job.timestamp);
  return {
    id: job.id,
    event_type: job.name,
    queue,
    status,
    priority: job.priority,
    attempts: job.attemptsMade,
    max_attempts: job.maxAttempts,
    created_at: isoTime(job.timestamp),
    scheduled_at: isScheduled ? isoTime(job.timestamp + job.delay) : null,
    due_at: isoTime(job.due),
    started_at: isoTime(startedMs),
    finished_at: isoTime(job.finishedOn && Math.max(job.finishedOn, startedMs)),
    worker: job.worker || null,
    unhandled_since: isUnhandled ? isoTime(job.unhandledSince) : null,
    paused: status === 'queued' ? (pauses.get(job.name) ?? null) : null,
    error: job.failedReason && status !== 'completed' ? { message: job.failedReason } : null,
  };
}
