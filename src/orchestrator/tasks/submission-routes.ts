import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { inputInvalid } from '../../shared/errors.ts';
import { MAX_BATCH_TASKS } from '../../shared/http-contract/limits.ts';
import {
  BatchRequest,
  BatchSummary,
  TaskRequest as OneRequest,
  SubmittedTask,
  TaskDetail,
} from '../../shared/http-contract/tasks.ts';
import { errorBodies, withHeaders } from '../../shared/service/error-bodies.ts';
import type { HttpServer } from '../../shared/service/http-server.ts';
import { validTraceparent, validTracestate } from '../../shared/trace-context.ts';
import { PREFERENCE_APPLIED, preferredWait, waitAfterSubmission } from '../events/client-wait.ts';
import type { Waits } from '../events/task-waits.ts';
import { type EventTypeCheck, WARNING_HEADER } from './event-type-check.ts';
import type { PayloadCheck } from './payload-check.ts';
import type { SubmissionObserver } from './submission-observer.ts';
import { takeBatches, takeTask } from './task-body.ts';
import { writeTaskDetail } from './task-detail.ts';
import { allTasks, type TaskRequest } from './task-request.ts';
import type { Submission, SubmitOptions, TaskSubmitter } from './task-submitter.ts';

const BATCH_BODY_LIMIT = 16 * 1024 * 1024;
const JSON_TYPE = 'application/json; charset=utf-8';
const SUBMITTING = { action: 'task.submit', scope: 'tasks:write' } as const;

export const IdempotencyKey = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      description: '1 to 255 characters; a request with the same key again makes no second task',
    }),
  ),
});

const OneKey = Type.Object({
  ...IdempotencyKey.properties,
  prefer: Type.Optional(
    Type.String({
      description: 'wait=N: wait up to N seconds (60 at most) for the end of the task (RFC 7240)',
    }),
  ),
});

export const WARNING = {
  [WARNING_HEADER]:
    'absent when live workers handle all event types, else such as ' +
    'unknown-event-type; event_types="order.paid"; count=1',
};

const ONE = {
  operationId: 'submitTask',
  tags: ['tasks'],
  summary: 'Submit a task',
  description:
    'With the header "Prefer: wait=N" the answer comes when the task has ended, as a 200 with the task; else after N ' +
    'seconds as a 202.',
  headers: OneKey,
  body: OneRequest,
  response: {
    200: withHeaders(TaskDetail, { location: 'the path of the task', ...PREFERENCE_APPLIED, ...WARNING }),
    202: withHeaders(SubmittedTask, { location: 'the path of the task', ...PREFERENCE_APPLIED, ...WARNING }),
    ...errorBodies(400, 413, 415, 422),
  },
};

const BATCH = {
  operationId: 'submitBatch',
  tags: ['tasks'],
  summary: 'Submit up to 1,000 tasks',
  description:
    'A 202 queues all tasks. A 4xx queues nothing. After a 503 the orchestrator removes the tasks that it had queued, ' +
    'unless Redis does not answer or a worker has started them. With an Idempotency-Key they stay: send the batch ' +
    'again under the same key to queue the rest. No task is queued twice.',
  headers: IdempotencyKey,
  body: BatchRequest,
  response: {
    202: withHeaders(BatchSummary, WARNING),
    ...errorBodies(400, 413, 415, 422),
  },
};

export interface SubmissionRoutesOptions {
  readonly submitter: TaskSubmitter;
  readonly observer: SubmissionObserver;
  readonly checkEventTypes: EventTypeCheck;
  readonly checkPayloads: PayloadCheck;
  readonly waits: Waits;
}

/** Takes tasks, one or a batch. */
export async function submissionRoutes(
  app: HttpServer,
  { submitter, observer, checkEventTypes, checkPayloads, waits }: SubmissionRoutesOptions,
): Promise<void> {
  const onError = async (
    { body }: FastifyRequest,
    _: FastifyReply,
    { statusCode = 500 }: { statusCode?: number },
  ) => {
    if (statusCode < 500) observer(eventTypeOf(body), 'rejected');
    else for (const task of tasksOf(body)) observer(eventTypeOf(task), 'error');
  };
  const count = (task: Submission) => {
    for (const { event_type } of [task, ...(task.children ?? []), ...(task.next ?? [])])
      observer(event_type, task.deduplicated ? 'deduplicated' : task.isDuplicate ? 'duplicate' : 'accepted');
  };

  await app.register(async (scope: HttpServer) => {
    takeTask(scope);
    scope.post('/api/tasks', { onError, config: SUBMITTING, schema: ONE }, async (request, reply) => {
      const body = request.body as TaskRequest; // by takeTask
      checkDeduplication(body, 'body');
      const all = allTasks([body]);
      await checkPayloads(all);
      const submit = () => submitter.submit(body, optionsOf(request));
      const { result: task, warning } = await checkEventTypes(typesOf(all), submit);
      count(task);
      if (warning) reply.header(WARNING_HEADER, warning);
      request.audited = { task_id: task.id };
      reply.header('location', `/api/tasks/${task.id}`);
      const ended = await waitAfterSubmission(waits, task.id, preferredWait(request.headers.prefer), reply);
      return ended === undefined
        ? reply.code(202).send(task)
        : reply.type(JSON_TYPE).serializer(writeTaskDetail).send(ended);
    });
  });

  await app.register(async (scope: HttpServer) => {
    takeBatches(scope, { maxTasks: MAX_BATCH_TASKS, maxBytes: BATCH_BODY_LIMIT });
    scope.post(
      '/api/tasks/batch',
      { bodyLimit: BATCH_BODY_LIMIT, onError, config: SUBMITTING, schema: BATCH },
      async (request, reply) => {
        const tasks = request.body.tasks as TaskRequest[]; // by takeBatches
        for (const [i, task] of tasks.entries()) checkDeduplication(task, `body.tasks.${i}`);
        const all = allTasks(tasks);
        if (all.length > MAX_BATCH_TASKS) throw tooManyTasks(all.length);
        await checkPayloads(all);
        const submit = () => submitter.submitBatch(tasks, optionsOf(request));
        const { result: submitted, warning } = await checkEventTypes(typesOf(all), submit);
        if (warning) reply.header(WARNING_HEADER, warning);
        for (const task of submitted) count(task);
        request.audited = { task_count: submitted.length, first_task_id: submitted[0]?.id ?? '' };
        return reply.code(202).send({ tasks: submitted });
      },
    );
  });
}

/** What a schema cannot say in a plain message. */
function checkDeduplication({ deduplication, delay_ms, children, next }: TaskRequest, place: string): void {
  if (deduplication === undefined) return;
  const { mode = 'simple', ttl_ms } = deduplication;
  const expected = (what: string) => inputInvalid(`${place}.deduplication: expected ${what}`);
  if (mode === 'simple' && ttl_ms !== undefined) throw expected('no ttl_ms with the mode simple; got one');
  if (mode !== 'simple' && ttl_ms === undefined) throw expected(`ttl_ms with the mode ${mode}; got none`);
  if (mode === 'debounce' && (delay_ms || children || next)) {
    throw expected('no delay_ms, children or next with the mode debounce; got one of them');
  }
}

function typesOf(tasks: readonly { readonly event_type: string }[]): string[] {
  return tasks.map(({ event_type }) => event_type);
}

function tooManyTasks(got: number) {
  return inputInvalid(
    `body.tasks: expected at most ${MAX_BATCH_TASKS} tasks with those within them; got ${got}`,
  );
}

function optionsOf({ headers }: Pick<FastifyRequest, 'headers'>): SubmitOptions {
  return {
    idempotencyKey: headers['idempotency-key'] as string | undefined, // checked by the schema
    traceparent: validTraceparent(headers.traceparent),
    tracestate: validTracestate(headers.tracestate),
  };
}

/** A refused request counts once, whatever was sent. A refused batch, whose tasks may be of many types, is unknown. */
function eventTypeOf(body: unknown): unknown {
  return (body as { event_type?: unknown } | null | undefined)?.event_type; // checked by the observer
}

/** The tasks of a request that failed: those of a batch were checked before, so they are 1,000 at most. */
function tasksOf(body: unknown): readonly unknown[] {
  const { tasks } = (body ?? {}) as { tasks?: unknown };
  return Array.isArray(tasks) ? tasks : [body];
}
