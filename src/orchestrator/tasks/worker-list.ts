import type { WorkerDetail, WorkerList } from '../../shared/http-contract/workers.ts';
import { type ActiveJob, readActiveJobs } from '../../shared/queue/bullmq-active.ts';
import type { QueueRedis } from '../../shared/queue/bullmq-schema.ts';
import type { WorkerRegistry } from '../../shared/queue/worker-registry.ts';
import { isoTime } from './iso-time.ts';

export interface WorkerListOptions {
  readonly queues: readonly QueueRedis[];
  readonly registry: Pick<WorkerRegistry, 'all'>;
}

/** Puts the registered workers together with the tasks that each runs. Rejects when Redis does not answer. */
export async function listWorkers({ queues, registry }: WorkerListOptions): Promise<WorkerList> {
  const [workers, ...byQueue] = await Promise.all([registry.all(), ...queues.map(readActive)]);
  const jobs = byQueue.flat();
  const byWorker = Map.groupBy(jobs, ({ worker }) => worker);
  const listed = workers.flatMap(({ sinceMs, lastSeenMs, ...worker }): WorkerDetail[] => {
    const [since, last_seen] = [isoTime(sinceMs), isoTime(lastSeenMs)];
    if (since === null || last_seen === null) return []; // anything may be in Redis
    const active = (byWorker.get(worker.id) ?? []).map(shownJob);
    return [
      {
        ...worker,
        queues: [...worker.queues],
        event_types: [...worker.event_types],
        since,
        last_seen,
        active,
      },
    ];
  });
  const assigned = listed.reduce((sum, { active }) => sum + active.length, 0);
  return { workers: listed, unassigned: jobs.length - assigned };
}

type QueuedJob = ActiveJob & { readonly queue: string };

async function readActive({ redis, keyOf, queue }: QueueRedis): Promise<QueuedJob[]> {
  return (await readActiveJobs(redis, keyOf)).map((job) => ({ ...job, queue }));
}

const shownJob = ({ id, eventType, queue, startedMs }: QueuedJob) => ({
  id,
  event_type: eventType,
  queue,
  started_at: isoTime(startedMs),
});
