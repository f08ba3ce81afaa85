import type { ListedTask, TaskDetail, TaskStatus } from '../../shared/http-contract/tasks.ts';
import type { ListedJob } from '../../shared/queue/bullmq-fields.ts';
import { UNREADABLE } from '../../shared/queue/bullmq-guard.ts';
import { dataOf } from '../../shared/queue/queue.ts';
import { JsonText, storedJson } from './json-text.ts';
import type { FoundTask } from './task-lookup.ts';
import { splitData } from './task-text.ts';

/** The most characters of an error in a list, where each of many tasks may have a long one. */
const MAX_LISTED_ERROR = 1_000;

/** Makes the response for one task, for `writeTaskDetail`: payload and result are texts. */
export async function taskDetail({ job, status }: FoundTask): Promise<TaskDetail> {
  const { payload, others, damage } = await splitData(job.data);
  const failedReason = job.failedReason || (damage ? UNREADABLE + damage : '');
  const result = status === 'completed' ? await storedJson(job.returnvalue) : undefined;
  return {
    ...shown({ ...job, failedReason }, status),
    payload,
    traceparent: dataOf({ data: others }).traceparent ?? null,
    result,
  };
}

/** Writes what `taskDetail` made. */
export function writeTaskDetail({ payload, result, ...others }: TaskDetail): string {
  const text = JSON.stringify(others);
  return `${text.slice(0, -1)},"payload":${textOf(payload)},"result":${textOf(result)}}`;
}

function textOf(value: unknown): string {
  return value instanceof JsonText ? value.text : 'null';
}

/** Makes what a list shows of a task. */
export function listedTask(job: ListedJob, status: TaskStatus): ListedTask {
  return shown({ ...job, failedReason: job.failedReason.slice(0, MAX_LISTED_ERROR) }, status);
}

function shown(job: ListedJob, status: TaskStatus): ListedTask {
  const isPending = status === 'delayed' || status === 'queued';
  const isUnhandled = isPending && job.unhandledSince > 0;
  const isScheduled = status === 'delayed' && job.attemptsMade === 0 && !isUnhandled;
  // Processes know Redis's clock to a few milliseconds: without this a task could seem to start before it was made.
  const startedMs = job.processedOn && Math.max(job.processedOn, job.timestamp);
  return {
    id: job.id,
    event_type: job.name,
    status,
    priority: job.priority,
    attempts: job.attemptsMade,
    max_attempts: job.maxAttempts,
    created_at: isoTime(job.timestamp),
    scheduled_at: isScheduled ? isoTime(job.timestamp + job.delay) : null,
    started_at: isoTime(startedMs),
    finished_at: isoTime(job.finishedOn && Math.max(job.finishedOn, startedMs)),
    unhandled_since: isUnhandled ? isoTime(job.unhandledSince) : null,
    error: job.failedReason && status !== 'completed' ? { message: job.failedReason } : null,
  };
}

/** The last time that a Date can hold, in Unix milliseconds. */
const LAST_TIME_MS = 8.64e15;

function isoTime(milliseconds: number): string | null {
  return milliseconds > 0 && milliseconds <= LAST_TIME_MS ? new Date(milliseconds).toISOString() : null;
}
