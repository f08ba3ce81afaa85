import { readDeadChildren } from '../../shared/queue/bullmq-flow-reading.ts';
import type { RetriedTask } from '../../shared/queue/bullmq-requeue.ts';
import type { QueueRedis } from '../../shared/queue/bullmq-schema.ts';
import type { TaskJob, TaskLookup } from './task-lookup.ts';
import { joinData, splitData } from './task-text.ts';

/** Makes what a dead task needs to be queued again, due at `dueMs`, because the token `by` asked; or says why no worker could run it. */
export async function retriedTask(
  job: TaskJob,
  dueMs: number,
  by: string,
): Promise<RetriedTask | { damage: string }> {
  const { payload, others, damage } = await splitData(job.data);
  const damaged = job.damage ?? damage;
  if (damaged !== undefined) return { damage: damaged };
  // What it did to processes before does not count any more.
  const { quarantine_starts: _, quarantine_process: __, ...kept } = others;
  const data = joinData({ payload, others: { ...kept, due: dueMs } });
  const change = { action: 'task.retry', by, atMs: dueMs };
  return { id: job.id, data, dueMs, priority: job.priority, change };
}

/**
 * Makes what the dead tasks need for which these tasks waited. Those that no worker could run are left out: they stay dead.
 * `taken`: of so many of the tasks, at least one.
 */
export async function retriedChildren(
  { queueRedis: { redis, keyOf }, lookup }: { queueRedis: QueueRedis; lookup: TaskLookup },
  ids: readonly string[],
  { dueMs, by }: { dueMs: number; by: string },
): Promise<{ children: RetriedTask[]; taken: number }> {
  const found = await readDeadChildren(redis, keyOf, ids);
  const children: RetriedTask[] = [];
  for (const child of await lookup.findAll(found.children)) {
    if (child?.status !== 'dead') continue;
    const task = await retriedTask(child.job, dueMs, by);
    if (!('damage' in task)) children.push(task);
  }
  return { children, taken: found.taken };
}
