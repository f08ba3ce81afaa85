import { type Static, Type } from 'typebox';
import { LARGEST_PRIORITY } from './limits.ts';
import {
  LONGEST_EVERY_MS,
  MAX_CRON_LENGTH,
  MAX_SCHEDULES,
  SCHEDULE_ID_PATTERN,
  SHORTEST_EVERY_MS,
} from './schedule-limits.ts';
import { TaskRequest, TaskStatus } from './tasks.ts';
import { TimeOrNull } from './time.ts';

/** Recurring tasks, as `/api/schedules` takes and returns them. */

export const ScheduleId = Type.String({
  pattern: SCHEDULE_ID_PATTERN,
  description: 'the id of a schedule: a lower-case letter, then up to 63 of a-z 0-9 _ . -',
  examples: ['report.daily'],
});

const { event_type, payload, priority, max_attempts } = TaskRequest.properties;

export const ScheduleRequest = Type.Object(
  {
    cron: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: MAX_CRON_LENGTH,
        description: `a cron expression of up to ${MAX_CRON_LENGTH} characters, such as 0 6 * * 1-5`,
        examples: ['0 6 * * 1-5'],
      }),
    ),
    every_ms: Type.Optional(
      Type.Integer({
        minimum: SHORTEST_EVERY_MS,
        maximum: LONGEST_EVERY_MS,
        description: `milliseconds from ${SHORTEST_EVERY_MS} to ${LONGEST_EVERY_MS} (a year)`,
      }),
    ),
    time_zone: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        description: 'the name of a time zone, such as Europe/Berlin; UTC when absent',
        examples: ['Europe/Berlin'],
      }),
    ),
    event_type,
    payload,
    priority,
    max_attempts,
  },
  {
    title: 'ScheduleRequest',
    additionalProperties: false,
    description: 'an object with event_type and either cron or every_ms',
  },
);
export type ScheduleRequest = Static<typeof ScheduleRequest>;

const OrNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const ScheduleRun = Type.Object(
  {
    task_id: Type.String(),
    due_at: TimeOrNull,
    queued_at: TimeOrNull,
    status: {
      ...OrNull(TaskStatus),
      description: 'of the task now; null when the task was removed',
    },
  },
  { title: 'ScheduleRun' },
);

export const Schedule = Type.Object(
  {
    id: Type.String(),
    source: Type.Enum(['api', 'handlers'], {
      description: 'who made it: a request, or the module of handlers that workers announce',
    }),
    cron: OrNull(Type.String()),
    every_ms: OrNull(Type.Integer()),
    time_zone: { ...OrNull(Type.String()), description: 'null with every_ms' },
    event_type: Type.String(),
    priority: Type.Integer({ minimum: 0, maximum: LARGEST_PRIORITY }),
    max_attempts: { ...OrNull(Type.Integer()), description: 'null: as TASK_MAX_ATTEMPTS says' },
    paused: Type.Boolean(),
    next_run_at: { ...TimeOrNull, description: 'when its next task is due; null while it is paused' },
    last_run: { ...OrNull(ScheduleRun), description: 'the last task that it made; null before the first' },
    runs: Type.Integer({ description: 'tasks that it made' }),
    missed: Type.Integer({ description: 'due times without a task, because nothing ran then' }),
    created_at: TimeOrNull,
    updated_at: TimeOrNull,
    problem: {
      ...OrNull(Type.String()),
      description: 'why it makes no tasks: its record in Redis is damaged; null: it is well',
    },
  },
  { title: 'Schedule' },
);
export type Schedule = Static<typeof Schedule>;

export const ScheduleDetail = Type.Object(
  { ...Schedule.properties, payload: Type.Unknown() },
  { title: 'ScheduleDetail' },
);
export type ScheduleDetail = Static<typeof ScheduleDetail>;

export const ScheduleList = Type.Object(
  { schedules: Type.Array(Schedule, { description: `by id, without payloads; at most ${MAX_SCHEDULES}` }) },
  { title: 'ScheduleList' },
);
export type ScheduleList = Static<typeof ScheduleList>;
