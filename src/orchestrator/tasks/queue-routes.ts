import { QueuePause, QueueState } from '../../shared/http-contract/queue.ts';
import { QUEUE_NAME, type TaskQueue } from '../../shared/queue/queue.ts';
import type { QueueSnapshot } from '../../shared/queue/snapshot.ts';
import { errorBodies } from '../../shared/service/error-bodies.ts';
import type { HttpServer } from '../../shared/service/http-server.ts';
import { withinLimit } from './redis-limit.ts';

const errors = errorBodies();
export interface QueueRoutesOptions {
  readonly queue: Pick<TaskQueue, 'isPaused' | 'pause' | 'resume'>;
  readonly readQueue: () => Promise<QueueSnapshot>;
}

/** Shows, pauses and resumes the whole queue. */
export async function queueRoutes(app: HttpServer, { queue, readQueue }: QueueRoutesOptions): Promise<void> {
  app.get(
    '/api/queue',
    {
      schema: {
        operationId: 'getQueue',
        tags: ['queue'],
        summary: 'Show the queue',
        response: { 200: QueueState, ...errors },
      },
    },
    async () => {
      const [paused, { tasks, oldestAgeSeconds }] = await Promise.all([
        withinLimit(() => queue.isPaused()),
        withinLimit(readQueue),
      ]);
      return { paused, tasks, oldest_age_seconds: oldestAgeSeconds };
    },
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
          response: { 200: QueuePause, ...errors },
        },
      },
      async (request) => {
        request.audited = { queue: QUEUE_NAME };
        await withinLimit(() => queue[action]());
        return { paused: action === 'pause' };
      },
    );
  }
}
