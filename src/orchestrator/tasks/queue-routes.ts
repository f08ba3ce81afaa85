import { Type } from 'typebox';
import type { QueueSnapshot } from '../../shared/queue/snapshot.ts';
import { ErrorBody, type HttpServer } from '../../shared/service/http-server.ts';
import { withinLimit } from './redis-limit.ts';
import type { TaskStore } from './task-store.ts';

const errors = { 401: ErrorBody, 503: ErrorBody };
const Paused = Type.Object({ paused: Type.Boolean({ description: 'whether workers take no tasks' }) });
const Queue = Type.Object({
  ...Paused.properties,
  tasks: Type.Object({
    waiting: Type.Integer({ description: 'that are due' }),
    active: Type.Integer(),
    delayed: Type.Integer({ description: 'that are not due yet, or put off by a limit of their type' }),
    dead: Type.Integer(),
  }),
  oldest_age_seconds: Type.Number({ description: 'of the task that is due for longest; 0 when none waits' }),
});

export interface QueueRoutesOptions {
  readonly store: TaskStore;
  readonly readQueue: () => Promise<QueueSnapshot>;
}

/** Shows, pauses and resumes the whole queue. */
export async function queueRoutes(app: HttpServer, { store, readQueue }: QueueRoutesOptions): Promise<void> {
  app.get(
    '/api/queue',
    { schema: { tags: ['queue'], summary: 'State of the queue', response: { 200: Queue, ...errors } } },
    async () => {
      const [paused, { tasks, oldestAgeSeconds }] = await Promise.all([
        store.isPaused(),
        withinLimit(readQueue),
      ]);
      return { paused, tasks, oldest_age_seconds: oldestAgeSeconds };
    },
  );
  for (const [action, paused] of [
    ['pause', true],
    ['resume', false],
  ] as const) {
    app.post(
      `/api/queue/${action}`,
      {
        schema: {
          tags: ['queue'],
          summary: paused
            ? 'Let workers take no more tasks; what runs goes on, and submissions are accepted'
            : 'Let workers take tasks again',
          response: { 200: Paused, ...errors },
        },
      },
      async () => {
        await store.setPaused(paused);
        return { paused };
      },
    );
  }
}
