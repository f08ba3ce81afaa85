import { QueuePause, QueueState } from '../../shared/http-contract/queue.ts';
import type { QueueSnapshot } from '../../shared/queue/snapshot.ts';
import { ErrorBody, type HttpServer } from '../../shared/service/http-server.ts';
import { withinLimit } from './redis-limit.ts';
import type { TaskStore } from './task-store.ts';

const errors = { 401: ErrorBody, 503: ErrorBody };

export interface QueueRoutesOptions {
  readonly store: TaskStore;
  readonly readQueue: () => Promise<QueueSnapshot>;
}

/** Shows, pauses and resumes the whole queue. */
export async function queueRoutes(app: HttpServer, { store, readQueue }: QueueRoutesOptions): Promise<void> {
  app.get(
    '/api/queue',
    { schema: { tags: ['queue'], summary: 'State of the queue', response: { 200: QueueState, ...errors } } },
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
          response: { 200: QueuePause, ...errors },
        },
      },
      async () => {
        await store.setPaused(paused);
        return { paused };
      },
    );
  }
}
