import { Type } from 'typebox';
import { MAX_WAIT_SECONDS } from '../../shared/http-contract/task-events.ts';
import { TaskHistory, TaskLogs } from '../../shared/http-contract/task-history.ts';
import { TaskDetail, TaskSummary } from '../../shared/http-contract/tasks.ts';
import { ANONYMOUS } from '../../shared/service/access/tokens.ts';
import { errorBodies } from '../../shared/service/error-bodies.ts';
import type { HttpServer } from '../../shared/service/http-server.ts';
import { waitForTask } from '../events/client-wait.ts';
import type { Waits } from '../events/task-waits.ts';
import { briefly, writeTaskDetail } from './task-detail.ts';
import type { TaskStores } from './task-stores.ts';

const tags = ['tasks'];
const params = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 200, description: 'the id of a task: 1 to 200 characters' }),
});

const GetTask = Type.Object({
  brief: Type.Boolean({ default: false, description: 'true (without payload and result) or false' }),
  wait: Type.Integer({
    minimum: 0,
    maximum: MAX_WAIT_SECONDS,
    default: 0,
    description: `seconds to wait for the end of the task: a whole number from 0 to ${MAX_WAIT_SECONDS}`,
  }),
});

export interface TaskRoutesOptions {
  readonly store: TaskStores;
  readonly waits: Waits;
}

/** Shows one task, and changes it. */
export async function taskRoutes(app: HttpServer, { store, waits }: TaskRoutesOptions): Promise<void> {
  app.get(
    '/api/tasks/:id',
    {
      schema: {
        operationId: 'getTask',
        tags,
        summary: 'Show a task',
        description:
          'With wait it answers when the task is completed or dead; when the time is over, with the task as it is.',
        params,
        querystring: GetTask,
        response: { 200: TaskDetail, ...errorBodies(400, 404) },
      },
      // A payload or result of megabytes goes out as the text that it is.
      serializerCompiler: ({ httpStatus }) => (httpStatus === '200' ? writeTaskDetail : JSON.stringify),
    },
    async ({ params: { id }, query: { brief, wait } }, reply) => {
      const task = await (wait === 0 ? store.get(id) : waitForTask(waits, id, wait, reply.raw));
      return brief ? briefly(task) : task;
    },
  );

  app.get(
    '/api/tasks/:id/history',
    {
      schema: {
        operationId: 'getTaskHistory',
        tags,
        summary: 'Show the attempts at a task, and who changed it',
        params,
        response: { 200: TaskHistory, ...errorBodies(400, 404) },
      },
    },
    async (request) => store.history(request.params.id),
  );

  app.get(
    '/api/tasks/:id/logs',
    {
      schema: {
        operationId: 'getTaskLogs',
        tags,
        summary: "Show the last lines of a task's handler",
        params,
        response: { 200: TaskLogs, ...errorBodies(400, 404) },
      },
    },
    async (request) => store.logs(request.params.id),
  );

  app.delete(
    '/api/tasks/:id',
    {
      config: { action: 'task.remove', scope: 'tasks:write' },
      schema: {
        operationId: 'removeTask',
        tags,
        summary: 'Remove a task that is not active, and all that is kept of it',
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
    async ({ params, caller = ANONYMOUS }, reply) =>
      reply.code(202).send(await store.retry(params.id, caller.name)),
  );

  app.post(
    '/api/tasks/:id/cancel',
    {
      config: { action: 'task.cancel', scope: 'tasks:write' },
      schema: {
        operationId: 'cancelTask',
        tags,
        summary: 'End a task that waits; ask its worker to end one that runs',
        params,
        response: { 202: TaskSummary, ...errorBodies(400, 404, 409) },
      },
    },
    async ({ params, caller = ANONYMOUS }, reply) =>
      reply.code(202).send(await store.cancel(params.id, caller.name)),
  );

  app.post(
    '/api/tasks/:id/run',
    {
      config: { action: 'task.run', scope: 'tasks:write' },
      schema: {
        operationId: 'runTask',
        tags,
        summary: 'Make a delayed task due now',
        params,
        response: { 202: TaskSummary, ...errorBodies(400, 404, 409) },
      },
    },
    async ({ params, caller = ANONYMOUS }, reply) =>
      reply.code(202).send(await store.runNow(params.id, caller.name)),
  );
}
