import { type Static, Type } from 'typebox';
import {
  EVENT_TYPE_DESCRIPTION,
  EVENT_TYPE_PATTERN,
  LARGEST_PRIORITY,
  MAX_BATCH_TASKS,
  MAX_DELAY_MS,
  MAX_PAYLOAD_BYTES,
  MAX_PAYLOAD_DEPTH,
  MOST_ATTEMPTS,
} from './limits.ts';

/** Tasks as clients send and get them. */

export const TaskStatus = Type.Enum(['queued', 'delayed', 'active', 'completed', 'dead'], {
  title: 'TaskStatus',
  description: 'one of queued, delayed, active, completed, dead',
});
export type TaskStatus = Static<typeof TaskStatus>;

const EventType = Type.String({
  pattern: EVENT_TYPE_PATTERN,
  description: EVENT_TYPE_DESCRIPTION,
  examples: ['repository.report'],
});

export const TaskRequest = Type.Object(
  {
    event_type: EventType,
    payload: Type.Optional(
      Type.Unknown({
        description: `any JSON, at most ${MAX_PAYLOAD_BYTES / 1024 ** 2} MiB and ${MAX_PAYLOAD_DEPTH} levels deep`,
        examples: [{ path: '.' }],
      }),
    ),
    priority: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: LARGEST_PRIORITY,
        description: `a whole number from 0 (first, as when absent) to ${LARGEST_PRIORITY} (last)`,
      }),
    ),
    delay_ms: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: MAX_DELAY_MS,
        description: `milliseconds from 0 to ${MAX_DELAY_MS} (a year)`,
      }),
    ),
    max_attempts: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MOST_ATTEMPTS,
        description: `a whole number from 1 to ${MOST_ATTEMPTS}`,
      }),
    ),
  },
  { title: 'TaskRequest', additionalProperties: false, description: 'an object with event_type' },
);
export type TaskRequest = Static<typeof TaskRequest>;

export const BatchRequest = Type.Object(
  {
    tasks: Type.Array(TaskRequest, {
      minItems: 1,
      maxItems: MAX_BATCH_TASKS,
      description: `a list of 1 to ${MAX_BATCH_TASKS} tasks`,
    }),
  },
  { title: 'BatchRequest', additionalProperties: false, description: 'an object with tasks' },
);

export const TaskSummary = Type.Object(
  {
    id: Type.String(),
    event_type: Type.String(),
    status: TaskStatus,
  },
  { title: 'TaskSummary' },
);
export type TaskSummary = Static<typeof TaskSummary>;

export const BatchSummary = Type.Object(
  { tasks: Type.Array(TaskSummary, { description: 'in the order of the request' }) },
  { title: 'BatchSummary' },
);

const Time = Type.Union([Type.String({ format: 'date-time' }), Type.Null()]);

export const ListedTask = Type.Object(
  {
    ...TaskSummary.properties,
    priority: Type.Integer(),
    attempts: Type.Integer({ description: 'attempts that have ended' }),
    max_attempts: Type.Integer(),
    created_at: Time,
    scheduled_at: Time,
    started_at: Time,
    finished_at: Time,
    unhandled_since: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
      description:
        'when a worker first had no handler for the event type of this queued or delayed task; it waits for one that has',
    }),
    error: Type.Union([Type.Object({ message: Type.String() }, { title: 'TaskError' }), Type.Null()], {
      description: 'of the last failed attempt; in a list its first 1,000 characters',
    }),
  },
  { title: 'ListedTask' },
);
export type ListedTask = Static<typeof ListedTask>;

export const TaskDetail = Type.Object(
  {
    ...ListedTask.properties,
    payload: Type.Unknown(),
    traceparent: Type.Union([Type.String(), Type.Null()], {
      description: 'of the request that submitted it',
    }),
    result: Type.Unknown({ description: 'what the handler returned; null until completed' }),
  },
  { title: 'Task' },
);
export type TaskDetail = Static<typeof TaskDetail>;

export const TaskList = Type.Object(
  {
    tasks: Type.Array(ListedTask, { description: 'without their payloads and results' }),
    next_cursor: Type.Union([Type.String(), Type.Null()], {
      description:
        'for the next page; null at the end. A page before the end may hold fewer tasks than the limit.',
    }),
  },
  { title: 'TaskList' },
);
export type TaskList = Static<typeof TaskList>;
