import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { BatchRequest, TaskRequest, TaskSummary } from '../../shared/http-contract/tasks.ts';
import { checkPayload } from '../../shared/queue/payload-limits.ts';
import type { HttpServer } from '../../shared/service/http-server.ts';
import { validTraceparent, validTracestate } from '../../shared/trace-context.ts';
import { errorBodies } from './error-bodies.ts';
import type { SubmissionObserver } from './submission-observer.ts';
import type { Submission, SubmitOptions, TaskSubmitter } from './task-submitter.ts';

const BATCH_BODY_LIMIT = 16 * 1024 * 1024;

const Key = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      description: '1 to 255 characters; a request with the same key again makes no second task',
    }),
  ),
});

const ONE = {
  tags: ['tasks'],
  summary: 'Submit a task',
  headers: Key,
  body: TaskRequest,
  response: { 202: TaskSummary, ...errorBodies(400, 401, 413, 415, 422, 503) },
};

const BATCH = {
  tags: ['tasks'],
  summary: 'Submit up to 1,000 tasks',
  description:
    'A 202 queues all tasks. A 4xx queues nothing. After a 503 the orchestrator removes the tasks that it had queued, ' +
    'unless Redis does not answer or a worker has started them. With an Idempotency-Key they stay: send the batch ' +
    'again under the same key to queue the rest. No task is queued twice.',
  headers: Key,
  body: BatchRequest,
  response: {
    202: Type.Object({ tasks: Type.Array(TaskSummary) }),
    ...errorBodies(400, 401, 413, 415, 422, 503),
  },
};

export interface SubmissionRoutesOptions {
  readonly submitter: TaskSubmitter;
  readonly observer: SubmissionObserver;
}

/** Takes tasks, one or a batch. */
export async function submissionRoutes(
  app: HttpServer,
  { submitter, observer }: SubmissionRoutesOptions,
): Promise<void> {
  const onError = async (request: FastifyRequest, _: FastifyReply, error: { statusCode?: number }) =>
    countFailed(request.body, (error.statusCode ?? 500) < 500 ? 'rejected' : 'error', observer);
  const count = (task: Submission) => observer(task.event_type, task.isDuplicate ? 'duplicate' : 'accepted');

  app.post('/api/tasks', { onError, schema: ONE }, async (request, reply) => {
    checkPayload(request.body.payload, 'body.payload');
    const task = await submitter.submit(request.body, optionsOf(request));
    count(task);
    return reply.code(202).header('location', `/api/tasks/${task.id}`).send(task);
  });

  app.post(
    '/api/tasks/batch',
    { bodyLimit: BATCH_BODY_LIMIT, onError, schema: BATCH },
    async (request, reply) => {
      const { tasks } = request.body;
      for (const [i, task] of tasks.entries()) checkPayload(task.payload, `body.tasks.${i}.payload`);
      const submitted = await submitter.submitBatch(tasks, optionsOf(request));
      for (const task of submitted) count(task);
      return reply.code(202).send({ tasks: submitted });
    },
  );
}

function optionsOf({ headers }: Pick<FastifyRequest, 'headers'>): SubmitOptions {
  return {
    idempotencyKey: headers['idempotency-key'] as string | undefined, // checked by the schema
    traceparent: validTraceparent(headers.traceparent),
    tracestate: validTracestate(headers.tracestate),
  };
}

/** Counts each task of a failed request. The body may be anything: what is not a list of tasks counts as one task. */
function countFailed(body: unknown, result: 'rejected' | 'error', observer: SubmissionObserver): void {
  const { tasks = [body] } = (body ?? {}) as { tasks?: unknown }; // whatever was sent
  for (const task of Array.isArray(tasks) ? tasks : [undefined]) {
    observer((task as { event_type?: unknown } | null | undefined)?.event_type, result);
  }
}
