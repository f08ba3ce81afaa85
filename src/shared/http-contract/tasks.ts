import { type Static, Type } from 'typebox';
import { TypePauseOrNull } from './event-types.ts';
import {
  EVENT_TYPE_DESCRIPTION,
  EVENT_TYPE_PATTERN,
  LARGEST_PRIORITY,
  MAX_BATCH_TASKS,
  MAX_CHAIN,
  MAX_CHILDREN,
  MAX_DEDUPLICATION_ID,
  MAX_DELAY_MS,
  MAX_PAYLOAD_BYTES,
  MAX_PAYLOAD_DEPTH,
  MOST_ATTEMPTS,
  QUEUE_PATTERN,
} from './limits.ts';
import { TimeOrNull } from './time.ts';

/** Tasks as clients send and get them. */

export const TaskStatus = Type.Enum(['queued', 'delayed', 'blocked', 'active', 'completed', 'dead'], {
  title: 'TaskStatus',
  description:
    'one of queued, delayed, blocked, active, completed, dead; a blocked task waits for other tasks to complete',
});
export type TaskStatus = Static<typeof TaskStatus>;

const EventType = Type.String({
  pattern: EVENT_TYPE_PATTERN,
  description: EVENT_TYPE_DESCRIPTION,
  examples: ['repository.report'],
});

export const QueueName = Type.String({
  pattern: QUEUE_PATTERN,
  description: 'the name of a queue: tasks, or one of TASK_ROUTES',
});

const ONE_TASK = {
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
};

export const MemberRequest = Type.Object(ONE_TASK, {
  title: 'MemberRequest',
  additionalProperties: false,
  description: 'an object with event_type',
});
export type MemberRequest = Static<typeof MemberRequest>;

export const Deduplication = Type.Object(
  {
    id: Type.String({
      minLength: 1,
      maxLength: MAX_DEDUPLICATION_ID,
      description: `1 to ${MAX_DEDUPLICATION_ID} characters; tasks of one event type with the same id are the same`,
    }),
    mode: Type.Optional(
      Type.Enum(['simple', 'throttle', 'debounce'], {
        description:
          'simple (as when absent): no other until this one has ended; throttle: no other within ttl_ms; ' +
          'debounce: it runs after ttl_ms, and another one meanwhile replaces its payload and begins the time anew',
      }),
    ),
    ttl_ms: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_DELAY_MS,
        description: `milliseconds from 1 to ${MAX_DELAY_MS} (a year), for throttle and debounce`,
      }),
    ),
  },
  { title: 'Deduplication', additionalProperties: false, description: 'an object with id' },
);
export type Deduplication = Static<typeof Deduplication>;

export const TaskRequest = Type.Object(
  {
    ...ONE_TASK,
    queue: Type.Optional({
      ...QueueName,
      description: 'the name of a queue, for all tasks of the request; absent: TASK_ROUTES chooses it',
    }),
    deduplication: Type.Optional(Deduplication),
    children: Type.Optional(
      Type.Array(MemberRequest, {
        minItems: 1,
        maxItems: MAX_CHILDREN,
        description: `a list of 1 to ${MAX_CHILDREN} tasks; this task is blocked until all have ended`,
      }),
    ),
    on_child_dead: Type.Optional(
      Type.Enum(['fail', 'run'], {
        description:
          'fail or run: whether this task is dead when a child is (fail, as when absent), or runs all the same',
      }),
    ),
    next: Type.Optional(
      Type.Array(MemberRequest, {
        minItems: 1,
        maxItems: MAX_CHAIN,
        description: `a list of 1 to ${MAX_CHAIN} tasks; each is blocked until the one before has completed`,
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
    queue: Type.String({ description: 'the queue that it is in' }),
    status: TaskStatus,
  },
  { title: 'TaskSummary' },
);
export type TaskSummary = Static<typeof TaskSummary>;

export const FlowTask = Type.Object({ id: Type.String(), event_type: Type.String() }, { title: 'FlowTask' });

export const SubmittedTask = Type.Object(
  {
    ...TaskSummary.properties,
    children: Type.Optional(Type.Array(FlowTask, { description: 'in the order of the request' })),
    next: Type.Optional(Type.Array(FlowTask, { description: 'in the order of the request' })),
    deduplicated: Type.Optional(
      Type.Boolean({ description: 'true: no task was added; the id is that of the task that stands for it' }),
    ),
  },
  { title: 'SubmittedTask' },
);
export type SubmittedTask = Static<typeof SubmittedTask>;

export const BatchSummary = Type.Object(
  { tasks: Type.Array(SubmittedTask, { description: 'in the order of the request' }) },
  { title: 'BatchSummary' },
);

export const ListedTask = Type.Object(
  {
    ...TaskSummary.properties,
    priority: Type.Integer(),
    attempts: Type.Integer({ description: 'attempts that have ended' }),
    max_attempts: Type.Integer(),
    created_at: TimeOrNull,
    scheduled_at: TimeOrNull,
    due_at: {
      ...TimeOrNull,
      description:
        'when it is or was due: after its delay, a backoff, a retry by hand, or the resume of its event type',
    },
    started_at: TimeOrNull,
    finished_at: TimeOrNull,
    worker: Type.Union([Type.String(), Type.Null()], {
      description: 'the id of the worker that took it last: see /api/workers',
    }),
    unhandled_since: {
      ...TimeOrNull,
      description:
        'when a worker first had no handler for the event type of this queued or delayed task; it waits for one that has',
    },
    paused: {
      ...TypePauseOrNull,
      description: 'set while this task is queued and its event type is paused: it waits for the resume',
    },
    error: Type.Union([Type.Object({ message: Type.String() }, { title: 'TaskError' }), Type.Null()], {
      description: 'of the last failed attempt; in a list its first 1,000 characters',
    }),
  },
  { title: 'ListedTask' },
);
export type ListedTask = Static<typeof ListedTask>;

export const RelatedTask = Type.Object(
  {
    ...FlowTask.properties,
    status: Type.Union([TaskStatus, Type.Null()], { description: 'null: the task was removed' }),
  },
  { title: 'RelatedTask' },
);
export type RelatedTask = Static<typeof RelatedTask>;

export const TaskDetail = Type.Object(
  {
    ...ListedTask.properties,
    parent: Type.Union([RelatedTask, Type.Null()], { description: 'the task that waits for this one' }),
    children: Type.Array(RelatedTask, {
      description: 'the tasks that this one waits or waited for; in a chain the one before it',
    }),
    next: Type.Array(RelatedTask, {
      description: 'of the first task of a chain: those that follow, one after the other',
    }),
    payload: Type.Optional(Type.Unknown({ description: 'left out with brief' })),
    traceparent: Type.Union([Type.String(), Type.Null()], {
      description: 'of the request that submitted it',
    }),
    schedule: Type.Union(
      [Type.Object({ id: Type.String(), due_at: TimeOrNull }, { title: 'TaskSchedule' }), Type.Null()],
      { description: 'the schedule that made it, and the due time that it is for' },
    ),
    progress: Type.Unknown({
      description: 'what the handler reported last in the attempt that runs, or completed; null: nothing',
    }),
    result: Type.Optional(
      Type.Unknown({ description: 'what the handler returned; null until completed; left out with brief' }),
    ),
  },
  { title: 'Task' },
);
export type TaskDetail = Static<typeof TaskDetail>;
/** What does not grow with payload and result. */
export type BriefTask = Omit<TaskDetail, 'payload' | 'result'>;

export const TaskList = Type.Object(
  {
    tasks: Type.Array(ListedTask, { description: 'without their payloads and results' }),
    next_cursor: Type.Union([Type.String(), Type.Null()], {
      description:
        'for the next page; null at the end. A page before the end may hold fewer tasks than the limit.',
    }),
    looked_at: Type.Integer({ description: 'how many tasks it looked at for this page' }),
    is_complete: Type.Optional(
      Type.Boolean({ description: 'with sort: whether it looked at all tasks that match' }),
    ),
  },
  { title: 'TaskList' },
);
export type TaskList = Static<typeof TaskList>;
