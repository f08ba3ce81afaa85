import { QueuePause, QueueQuery, QueueState } from '../../shared/http-contract/queue.ts';
import { WorkerList } from '../../shared/http-contract/workers.ts';
import type { EventTypes } from '../../shared/queue/event-types.ts';
import { readQueue } from '../../shared/queue/snapshot.ts';
import { errorBodies } from '../../shared/service/error-bodies.ts';
import type { HttpServer } from '../../shared/service/http-server.ts';
import { type NamedSnapshot, queueState } from './queue-state.ts';
import { withinLimit } from './redis-limit.ts';
import type { OneQueue, TaskQueues } from './task-queues.ts';

const errors = errorBodies(400);

export interface QueueRoutesOptions {
  readonly queues: TaskQueues;
  readonly listWorkers: () => Promise<WorkerList>;
  readonly eventTypes: Pick<EventTypes, 'countWorkers'>;
}

/** Shows, pauses and resumes whole queues, and shows their workers. */
export async function queueRoutes(
  app: HttpServer,
  { queues, listWorkers, eventTypes }: QueueRoutesOptions,
): Promise<void> {
  app.get(
    '/api/queue',
    {
      schema: {
        operationId: 'getQueue',
        tags: ['queue'],
        summary: 'Show the queues',
        querystring: QueueQuery,
        response: { 200: QueueState, ...errors },
      },
    },
    async ({ query }) => {
      const chosen = queues.chosen(query.queue);
      const [snapshots, workers] = await Promise.all([
        withinLimit(() => Promise.all(chosen.map(readSnapshot))),
        eventTypes.countWorkers(),
      ]);
      return queueState(snapshots, workers);
    },
  );
  app.get(
    '/api/workers',
    {
      schema: {
        operationId: 'listWorkers',
        tags: ['queue'],
        summary: 'List the workers, and what each runs',
        response: { 200: WorkerList, ...errorBodies() },
      },
    },
    () => withinLimit(listWorkers),
  );
  const summaries = {
    pause: 'Pause all workers; running tasks go on, and clients may submit tasks',
    resume: 'Let workers take tasks again',
  };
  for (const action of ['pause', 'resume'] as const) {
    app.post(
      `/api/queue/${action}`,
      {
        config: { action: `queue.${action}`, scope: 'queue:admin' },
        schema: {
          operationId: `${action}Queue`,
          tags: ['queue'],
          summary: summaries[action],
          querystring: QueueQuery,
          response: { 200: QueuePause, ...errors },
        },
      },
      async (request) => {
        const chosen = queues.chosen(request.query.queue);
        request.audited = { queue: chosen.map(({ name }) => name).join(' ') };
        await withinLimit(() => Promise.all(chosen.map(({ queue }) => queue[action]())));
        return { paused: action === 'pause' };
      },
    );
  }
}

async function readSnapshot({ name, queueRedis: { redis, keyOf } }: OneQueue): Promise<NamedSnapshot> {
  return { queue: name, ...(await readQueue(redis, keyOf)) };
}
