import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { EVENT_TYPE_PATTERN } from '../../shared/http-contract/limits.ts';
import {
  BatchRequest,
  TaskDetail,
  TaskList,
  TaskRequest,
  TaskStatus,
  TaskSummary,
} from '../../shared/http-contract/tasks.ts';
import { checkPayload } from '../../shared/queue/payload-limits.ts';
import { ErrorBody, type HttpServer } from '../../shared/service/http-server.ts';
import { validTraceparent, validTracestate } from '../../shared/trace-context.ts';
import { FIRST_PAGE, parseCursor } from './cursor.ts';
import type { SubmissionObserver } from './submission-observer.ts';
import type { Submission, TaskStore } from './task-store.ts';

const BATCH_BODY_LIMIT = 16 * 1024 * 1024;

const errors = (...statuses: number[]) => Object.fromEntries(statuses.map((status) => [status, ErrorBody]));
const Id = Type.Object({ id: Type.String({ minLength: 1, maxLength: 200 }) });
const Key = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      description: '1 to 255 characters; sent again, it makes no second task',
    }),
  ),
});

export interface TaskRoutesOptions {
  readonly store: TaskStore;
  readonly submissions: SubmissionObserver;
}

/** Submits, shows, lists, removes and retries tasks. */
export async function taskRoutes(app: HttpServer, { store, submissions }: TaskRoutesOptions): Promise<void> {
  const optionsOf = ({ headers }: FastifyRequest) => ({
    idempotencyKey: headers['idempotency-key'] as string | undefined, // checked by the schema
    traceparent: validTraceparent(headers.traceparent),
    tracestate: validTracestate(headers.tracestate),
  });
  /** For a submission that was not answered 202: once for each task that can be told apart. */
  const onError = async ({ body }: FastifyRequest, _: FastifyReply, error: { statusCode?: number }) => {
    const result = (error.statusCode ?? 500) < 500 ? 'rejected' : 'error';
    const { tasks = [body] } = (body ?? {}) as { tasks?: unknown }; // whatever was sent
    for (const task of Array.isArray(tasks) ? tasks : [undefined]) {
      submissions((task as { event_type?: unknown } | null | undefined)?.event_type, result);
    }
  };
  const count = (task: Submission) =>
    submissions(task.event_type, task.isDuplicate ? 'duplicate' : 'accepted');

  app.post(
    '/api/tasks',
    {
      onError,
      schema: {
        tags: ['tasks'],
        summary: 'Submit a task',
        headers: Key,
        body: TaskRequest,
        response: { 202: TaskSummary, ...errors(400, 401, 413, 415, 422, 503) },
      },
    },
    async (request, reply) => {
      checkPayload(request.body.payload, 'body.payload');
      const task = await store.submit(request.body, optionsOf(request));
      count(task);
      return reply.code(202).header('location', `/api/tasks/${task.id}`).send(task);
    },
  );

  app.post(
    '/api/tasks/batch',
    {
      bodyLimit: BATCH_BODY_LIMIT,
      onError,
      schema: {
        tags: ['tasks'],
        summary: 'Submit up to 1,000 tasks',
        description:
          'Answers 202 when all are queued. Nothing is queued of a batch that is refused (4xx). After a 503 those that ' +
          'were queued are taken back, unless Redis does not answer or a worker has begun with them. With an ' +
          'Idempotency-Key they stay: sending the batch again under it makes up for the rest, and no task twice.',
        headers: Key,
        body: BatchRequest,
        response: {
          202: Type.Object({ tasks: Type.Array(TaskSummary) }),
          ...errors(400, 401, 413, 415, 422, 503),
        },
      },
    },
    async (request, reply) => {
      const { tasks } = request.body;
      for (const [i, task] of tasks.entries()) checkPayload(task.payload, `body.tasks.${i}.payload`);
      const submitted = await store.submitBatch(tasks, optionsOf(request));
      for (const task of submitted) count(task);
      return reply.code(202).send({ tasks: submitted });
    },
  );

  app.get(
    '/api/tasks',
    {
      schema: {
        tags: ['tasks'],
        summary: 'List tasks, newest first within each status',
        querystring: Type.Object({
          status: Type.Optional(TaskStatus),
          event_type: Type.Optional(
            Type.String({ pattern: EVENT_TYPE_PATTERN, description: 'the name of an event type' }),
          ),
          limit: Type.Integer({
            minimum: 1,
            maximum: 200,
            default: 50,
            description: 'a whole number from 1 to 200',
          }),
          cursor: Type.Optional(
            Type.String({ maxLength: 100, description: 'the next_cursor of an earlier page' }),
          ),
        }),
        response: { 200: TaskList, ...errors(400, 401, 503) },
      },
    },
    async ({ query }) =>
      store.list({
        status: query.status,
        eventType: query.event_type,
        limit: query.limit,
        cursor: query.cursor === undefined ? FIRST_PAGE : parseCursor(query.cursor),
      }),
  );

  app.get(
    '/api/tasks/:id',
    {
      schema: {
        tags: ['tasks'],
        summary: 'One task',
        params: Id,
        response: { 200: TaskDetail, ...errors(401, 404, 503) },
      },
    },
    async ({ params }) => store.get(params.id),
  );

  app.delete(
    '/api/tasks/:id',
    {
      schema: {
        tags: ['tasks'],
        summary: 'Remove a task that does not run; a queued one is thereby cancelled',
        params: Id,
        response: { 204: Type.Null(), ...errors(401, 404, 409, 503) },
      },
    },
    async ({ params }, reply) => {
      await store.remove(params.id);
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/api/tasks/:id/retry',
    {
      schema: {
        tags: ['tasks'],
        summary: 'Queue a dead task again, with all its attempts',
        params: Id,
        response: { 202: TaskSummary, ...errors(401, 404, 409, 503) },
      },
    },
    async ({ params }, reply) => reply.code(202).send(await store.retry(params.id)),
  );
}
