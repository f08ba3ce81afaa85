import type { Job } from 'bullmq';
import type { Redis } from 'ioredis';
import type { ListedTask, TaskDetail, TaskStatus } from '../../shared/http-contract/tasks.ts';
import { type ListedJob, readListedTasks } from '../../shared/queue/bullmq-schema.ts';
import { dataOf, type TaskData } from '../../shared/queue/queue.ts';

/** The most characters of an error in a list, where each of many tasks may have a long one. */
const MAX_LISTED_ERROR = 1_000;

/** Makes the response for one task. */
export function taskDetail(job: Job<TaskData, unknown, string>, status: TaskStatus): TaskDetail {
  const { payload, traceparent } = dataOf(job);
  return {
    ...shown(job, status),
    payload: payload ?? null,
    traceparent: traceparent ?? null,
    result: status === 'completed' ? (job.returnvalue ?? null) : null,
  };
}

/** Reads tasks as a list shows them. Returns undefined for a task that was removed meanwhile. */
export async function readListed(
  redis: Redis,
  ids: readonly string[],
  keyOf: (id: string) => string,
  status: TaskStatus,
): Promise<(ListedTask | undefined)[]> {
  const jobs = await readListedTasks(redis, keyOf, ids);
  return jobs.map(
    (job) => job && shown({ ...job, failedReason: job.failedReason.slice(0, MAX_LISTED_ERROR) }, status),
  );
}

function shown(job: ListedJob, status: TaskStatus): ListedTask {
  const isScheduled = status === 'delayed' && job.attemptsMade === 0;
  return {
    id: job.id ?? '',
    event_type: job.name,
    status,
    priority: job.priority,
    attempts: job.attemptsMade,
    max_attempts: job.opts.attempts ?? 1,
    created_at: isoTime(job.timestamp),
    scheduled_at: isScheduled ? isoTime(job.timestamp + job.delay) : null,
    started_at: isoTime(job.processedOn),
    finished_at: isoTime(job.finishedOn),
    error: job.failedReason && status !== 'completed' ? { message: job.failedReason } : null,
  };
}

function isoTime(milliseconds: number | undefined | null): string | null {
  return milliseconds ? new Date(milliseconds).toISOString() : null;
}
