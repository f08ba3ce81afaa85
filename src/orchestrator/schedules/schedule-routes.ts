import { Type } from 'typebox';
import {
  Schedule,
  ScheduleDetail,
  ScheduleId,
  ScheduleList,
  ScheduleRequest,
} from '../../shared/http-contract/schedules.ts';
import { TaskSummary } from '../../shared/http-contract/tasks.ts';
import { errorBodies, withHeaders } from '../../shared/service/error-bodies.ts';
import type { HttpServer } from '../../shared/service/http-server.ts';
import { type EventTypeCheck, WARNING_HEADER } from '../tasks/event-type-check.ts';
import type { PayloadCheck } from '../tasks/payload-check.ts';
import { IdempotencyKey, WARNING } from '../tasks/submission-routes.ts';
import { takeTask } from '../tasks/task-body.ts';
import { writeWithPayload } from '../tasks/task-detail.ts';
import type { ScheduleInput } from './definition.ts';
import type { RunObserver } from './run-observer.ts';
import type { ScheduleStore } from './schedule-store.ts';

const tags = ['schedules'];
const params = Type.Object({ id: ScheduleId });
const changing = (action: string) => ({ action: `schedule.${action}`, scope: 'tasks:write' }) as const;

export interface ScheduleRoutesOptions {
  readonly store: ScheduleStore;
  readonly checkEventTypes: EventTypeCheck;
  readonly checkPayloads: PayloadCheck;
  readonly observer: RunObserver;
}

/** Shows, makes and changes schedules. */
export async function scheduleRoutes(
  app: HttpServer,
  { store, checkEventTypes, checkPayloads, observer }: ScheduleRoutesOptions,
): Promise<void> {
  app.get(
    '/api/schedules',
    {
      schema: {
        operationId: 'listSchedules',
        tags,
        summary: 'List all schedules',
        response: { 200: ScheduleList, ...errorBodies() },
      },
    },
    async () => ({ schedules: await store.list() }),
  );

  app.get(
    '/api/schedules/:id',
    {
      schema: {
        operationId: 'getSchedule',
        tags,
        summary: 'Show a schedule',
        params,
        response: { 200: ScheduleDetail, ...errorBodies(400, 404) },
      },
      serializerCompiler: ({ httpStatus }) => (httpStatus === '200' ? writeWithPayload : JSON.stringify),
    },
    async (request) => store.get(request.params.id),
  );

  await app.register(async (scope: HttpServer) => {
    takeTask(scope);
    scope.put(
      '/api/schedules/:id',
      {
        config: changing('put'),
        schema: {
          operationId: 'putSchedule',
          tags,
          summary: 'Make or replace a schedule',
          description:
            'A schedule that is replaced keeps its pause and, while its timing stays, its next due time. ' +
            'Tasks that it has queued stay as they are.',
          params,
          body: ScheduleRequest,
          response: {
            200: withHeaders(Schedule, WARNING),
            201: withHeaders(Schedule, WARNING),
            ...errorBodies(400, 409, 413, 415, 422),
          },
        },
      },
      async (request, reply) => {
        const { id } = request.params;
        const body = request.body as ScheduleInput; // by takeTask
        await checkPayloads([body]);
        const put = () => store.put(id, body);
        const { result, warning } = await checkEventTypes([body.event_type], put);
        if (warning) reply.header(WARNING_HEADER, warning);
        return reply.code(result.isNew ? 201 : 200).send(result.schedule);
      },
    );
  });

  app.delete(
    '/api/schedules/:id',
    {
      config: changing('remove'),
      schema: {
        operationId: 'removeSchedule',
        tags,
        summary: 'Remove a schedule; its tasks stay',
        params,
        response: { 204: Type.Null(), ...errorBodies(400, 404) },
      },
    },
    async (request, reply) => {
      await store.remove(request.params.id);
      return reply.code(204).send(null);
    },
  );

  const summaries = {
    pause: 'Let a schedule make no tasks',
    resume: 'Let a schedule make tasks again; what was due meanwhile is left out',
  };
  for (const action of ['pause', 'resume'] as const) {
    app.post(
      `/api/schedules/:id/${action}`,
      {
        config: changing(action),
        schema: {
          operationId: `${action}Schedule`,
          tags,
          summary: summaries[action],
          params,
          response: { 200: Schedule, ...errorBodies(400, 404, 409) },
        },
      },
      async (request) => store.setPaused(request.params.id, action === 'pause'),
    );
  }

  app.post(
    '/api/schedules/:id/run',
    {
      config: changing('run'),
      schema: {
        operationId: 'runSchedule',
        tags,
        summary: 'Queue a task of a schedule now, out of turn',
        params,
        headers: IdempotencyKey,
        response: {
          202: withHeaders(TaskSummary, { location: 'the path of the task' }),
          ...errorBodies(400, 404, 409),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { task, isNew } = await store.run(id, request.headers['idempotency-key']);
      request.audited = { task_id: task.id };
      if (isNew) observer.extra(task.event_type);
      return reply.code(202).header('location', `/api/tasks/${task.id}`).send(task);
    },
  );
}
