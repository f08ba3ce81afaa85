import { Type } from 'typebox';
import { QUEUE_NAME, type TaskQueue } from '../../shared/queue/queue.ts';
import type { QueueSnapshot } from '../../shared/queue/snapshot.ts';
import type { HttpServer } from '../../shared/service/http-server.ts';
import { errorBodies } from './error-bodies.ts';
import { withinLimit } from './redis-limit.ts';

const errors = errorBodies(401, 503);
const Paused = Type.Object({ paused: Type.Boolean({ description: 'whether workers take no tasks' }) });
const Queue = Type.Object({
  ...Paused.properties,
  tasks: Type.Object({
    waiting: Type.Integer({ description: 'tasks that are due' }),
    active: Type.Integer({ description: 'tasks that a worker runs' }),
    delayed: Type.Integer({
      description: 'tasks that are not due yet, or that wait for a limit of their event type',
    }),
    dead: Type.Integer({ description: 'tasks that were given up' }),
  }),
  oldest_age_seconds: Type.Number({
    description: 'how long the oldest waiting task has been due; 0 when none waits',
  }),
});

export interface QueueRoutesOptions {
  readonly queue: Pick<TaskQueue, 'isPaused' | 'pause' | 'resume'>;
  readonly readQueue: () => Promise<QueueSnapshot>;
}

/** Shows, pauses and resumes the whole queue. */
export async function queueRoutes(app: HttpServer, { queue, readQueue }: QueueRoutesOptions): Promise<void> {
  app.get(
    '/api/queue',
    { schema: { tags: ['queue'], summary: 'Show the queue', response: { 200: Queue, ...errors } } },
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
        schema: { tags: ['queue'], summary: summaries[action], response: { 200: Paused, ...errors } },
      },
      async (request) => {
        request.audited = { queue: QUEUE_NAME };
        await withinLimit(() => queue[action]());
        return { paused: action === 'pause' };
      },
    );
  }
}
