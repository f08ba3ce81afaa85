import type { Job } from 'bullmq';
import type { Redis } from 'ioredis';
import type { ListedTask, TaskDetail, TaskStatus } from '../../shared/http-contract/tasks.ts';
import { dataOf, type TaskData } from '../../shared/queue/queue.ts';

/** In a list, where each of many tasks may have a long one. */
const MAX_LISTED_ERROR = 1_000;

/** What BullMQ keeps of a task that a list shows: not what may be large, its payload and result. */
const LISTED_FIELDS = [
  'name',
  'opts',
  'priority',
  'atm',
  'timestamp',
  'delay',
  'processedOn',
  'finishedOn',
  'failedReason',
];

type Listed = Pick<
  Job,
  | 'id'
  | 'name'
  | 'opts'
  | 'priority'
  | 'attemptsMade'
  | 'timestamp'
  | 'delay'
  | 'processedOn'
  | 'finishedOn'
  | 'failedReason'
>;

export function taskDetail(job: Job<TaskData, unknown, string>, status: TaskStatus): TaskDetail {
  const { payload, traceparent } = dataOf(job);
  return {
    ...shown(job, status),
    payload: payload ?? null,
    traceparent: traceparent ?? null,
    result: status === 'completed' ? (job.returnvalue ?? null) : null,
  };
}

/** Tasks of a list as they are shown there; undefined for one that was removed meanwhile. */
export async function readListed(
  redis: Redis,
  ids: readonly string[],
  keyOf: (id: string) => string,
  status: TaskStatus,
): Promise<(ListedTask | undefined)[]> {
  const pipeline = redis.pipeline();
  for (const id of ids) pipeline.hmget(keyOf(id), ...LISTED_FIELDS);
  const answers = (await pipeline.exec()) ?? [];
  return answers.map(([error, values], i) => {
    if (error) throw error;
    const [name, opts, priority, attempts, timestamp, delay, processedOn, finishedOn, failedReason] =
      values as (string | null)[]; // HMGET's, as the fields above
    if (typeof name !== 'string') return undefined;
    const job = {
      id: ids[i] ?? '',
      name,
      opts: JSON.parse(opts ?? '{}') as Listed['opts'], // as BullMQ wrote them
      priority: Number(priority ?? 0),
      attemptsMade: Number(attempts ?? 0),
      timestamp: Number(timestamp),
      delay: Number(delay ?? 0),
      processedOn: Number(processedOn ?? 0),
      finishedOn: Number(finishedOn ?? 0),
      failedReason: failedReason?.slice(0, MAX_LISTED_ERROR) ?? '',
    };
    return shown(job, status);
  });
}

function shown(job: Listed, status: TaskStatus): ListedTask {
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
