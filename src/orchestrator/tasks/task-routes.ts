import { Type } from 'typebox';
import { TaskDetail, TaskSummary } from '../../shared/http-contract/tasks.ts';
import { errorBodies } from '../../shared/service/error-bodies.ts';
import type { HttpServer } from '../../shared/service/http-server.ts';
import { writeTaskDetail } from './task-detail.ts';
import type { TaskStore } from './task-store.ts';

const tags = ['tasks'];
const params = Type.Object({ id: Type.String({ minLength: 1, maxLength: 200 }) });

export interface TaskRoutesOptions {
  readonly store: TaskStore;
}

/** Shows, removes and retries one task. */
export async function taskRoutes(app: HttpServer, { store }: TaskRoutesOptions): Promise<void> {
  app.get(
    '/api/tasks/:id',
    {
      schema: {
        operationId: 'getTask',
        tags,
        summary: 'Show a task',
        params,
        response: { 200: TaskDetail, ...errorBodies(400, 404) },
      },
      // A payload or result of megabytes goes out as the text that it is.
      serializerCompiler: ({ httpStatus }) => (httpStatus === '200' ? writeTaskDetail : JSON.stringify),
    },
    async (request) => store.get(request.params.id),
  );

  app.delete(
    '/api/tasks/:id',
    {
      config: { action: 'task.remove', scope: 'tasks:write' },
      schema: {
        operationId: 'removeTask',
        tags,
        summary: 'Remove a task that is not active; this cancels a queued or delayed one',
        params,
        response: { 204: Type.Null(), ...errorBodies(400, 404, 409) },
      },
    },
    async (request, reply) => {
      await store.remove(request.params.id);
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/api/tasks/:id/retry',
    {
      config: { action: 'task.retry', scope: 'tasks:write' },
      schema: {
        operationId: 'retryTask',
        tags,
        summary: 'Queue a dead task again, with all its attempts',
        params,
        response: { 202: TaskSummary, ...errorBodies(400, 404, 409, 422) },
      },
    },
    async (request, reply) => reply.code(202).send(await store.retry(request.params.id)),
  );
}
