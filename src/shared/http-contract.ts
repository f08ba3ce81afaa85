import { type Static, Type } from 'typebox';

/** Shapes that cross HTTP: what clients of the orchestrator send and get. */

/** Operator-defined names of event types; also what bounds them as label values. */
export const EVENT_TYPE_PATTERN = '^[a-z][a-z0-9_.-]{0,63}$';

/** BullMQ's limit of priorities. */
const LOWEST_PRIORITY = 2_097_152;
const YEAR_MS = 365 * 86_400_000;

export const TaskStatus = Type.Enum(['queued', 'delayed', 'active', 'completed', 'dead'], {
  description: 'one of queued, delayed, active, completed, dead',
});
export type TaskStatus = Static<typeof TaskStatus>;

const EventType = Type.String({
  pattern: EVENT_TYPE_PATTERN,
  description: 'a lower-case letter, then up to 63 of a-z 0-9 _ . -',
  examples: ['repository.report'],
});

export const TaskRequest = Type.Object(
  {
    event_type: EventType,
    payload: Type.Optional(
      Type.Unknown({ description: 'any JSON, at most 1 MiB and 32 levels deep', examples: [{ path: '.' }] }),
    ),
    priority: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: LOWEST_PRIORITY,
        description: `a whole number from 0 (first, as when absent) to ${LOWEST_PRIORITY} (last)`,
      }),
    ),
    delay_ms: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: YEAR_MS,
        description: `milliseconds from 0 to ${YEAR_MS} (a year)`,
      }),
    ),
    max_attempts: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 100, description: 'a whole number from 1 to 100' }),
    ),
  },
  { additionalProperties: false, description: 'an object with event_type' },
);
export type TaskRequest = Static<typeof TaskRequest>;

export const BatchRequest = Type.Object(
  {
    tasks: Type.Array(TaskRequest, {
      minItems: 1,
      maxItems: 1_000,
      description: 'a list of 1 to 1000 tasks',
    }),
  },
  { additionalProperties: false, description: 'an object with tasks' },
);

export const TaskSummary = Type.Object({
  id: Type.String(),
  event_type: Type.String(),
  status: TaskStatus,
});
export type TaskSummary = Static<typeof TaskSummary>;

const Time = Type.Union([Type.String({ format: 'date-time' }), Type.Null()]);

export const ListedTask = Type.Object({
  ...TaskSummary.properties,
  priority: Type.Integer(),
  attempts: Type.Integer({ description: 'attempts that have ended' }),
  max_attempts: Type.Integer(),
  created_at: Time,
  scheduled_at: Time,
  started_at: Time,
  finished_at: Time,
  error: Type.Union([Type.Object({ message: Type.String() }), Type.Null()], {
    description: 'of the last failed attempt; in a list its first 1,000 characters',
  }),
});
export type ListedTask = Static<typeof ListedTask>;

export const TaskDetail = Type.Object({
  ...ListedTask.properties,
  payload: Type.Unknown(),
  traceparent: Type.Union([Type.String(), Type.Null()], { description: 'of the request that submitted it' }),
  result: Type.Unknown({ description: 'what the handler returned; null until completed' }),
});
export type TaskDetail = Static<typeof TaskDetail>;

export const TaskList = Type.Object({
  tasks: Type.Array(ListedTask, { description: 'without their payloads and results' }),
  next_cursor: Type.Union([Type.String(), Type.Null()], {
    description:
      'for the next page; null at the end. A page ends after 1 s of search, also when it is not full.',
  }),
});
export type TaskList = Static<typeof TaskList>;
