import { type Static, Type } from 'typebox';
import { EVENT_TYPE_PATTERN, MAX_BULK_IDS, MAX_BULK_TASKS, MAX_ERROR_FILTER } from './limits.ts';
import { QueueName, TaskStatus } from './tasks.ts';

/** Changes of many tasks at once, and what they are found by. */

const Time = (description: string) =>
  Type.String({
    pattern: '^\\d{4}-\\d\\d-\\d\\d(T\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,9})?)?(Z|[+-]\\d\\d:\\d\\d))?$',
    description: `a time such as 2026-11-23T09:03:23Z; ${description}`,
  });

/** What a list, too, can be narrowed to. */
export const TaskFilterProperties = {
  status: Type.Optional(TaskStatus),
  queue: Type.Optional(QueueName),
  id: Type.Optional(
    Type.String({ minLength: 1, maxLength: 200, description: 'an id, or what it begins with' }),
  ),
  parent: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'the id of a task: its children, or the task before it in a chain',
    }),
  ),
  event_type: Type.Optional(
    Type.String({ pattern: EVENT_TYPE_PATTERN, description: 'the name of an event type' }),
  ),
  error_contains: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: MAX_ERROR_FILTER,
      description: `1 to ${MAX_ERROR_FILTER} characters of the last error, in upper or lower case`,
    }),
  ),
  error: Type.Optional(
    Type.String({
      maxLength: MAX_ERROR_FILTER,
      description: 'the error of a group, as /api/errors has it: tasks of that group',
    }),
  ),
  created_after: Type.Optional(Time('tasks submitted then or later')),
  created_before: Type.Optional(Time('tasks submitted earlier')),
  finished_after: Type.Optional(Time('dead and completed tasks that ended then or later')),
  finished_before: Type.Optional(Time('dead and completed tasks that ended earlier')),
};

export const BulkAction = Type.Enum(['retry', 'cancel', 'remove', 'run_now'], {
  title: 'BulkAction',
  description:
    'one of retry (dead tasks), cancel (those that wait or run), remove (all but active ones), run_now (delayed ones)',
});
export type BulkAction = Static<typeof BulkAction>;

export const BulkFilter = Type.Object(
  {
    ...TaskFilterProperties,
    ids: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
        minItems: 1,
        maxItems: MAX_BULK_IDS,
        description: `1 to ${MAX_BULK_IDS} ids: none but these`,
      }),
    ),
  },
  { title: 'BulkFilter', additionalProperties: false, description: 'an object; tasks that match all of it' },
);
export type BulkFilter = Static<typeof BulkFilter>;

export const BulkRequest = Type.Object(
  {
    action: BulkAction,
    filter: BulkFilter,
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_BULK_TASKS,
        description: `a whole number from 1 to ${MAX_BULK_TASKS}`,
      }),
    ),
    dry_run: Type.Optional(Type.Boolean({ description: 'true: counts the tasks, and changes none' })),
    cursor: Type.Optional(Type.String({ maxLength: 700, description: 'the next_cursor of the call before' })),
  },
  {
    title: 'BulkRequest',
    additionalProperties: false,
    description: 'an object with action and filter',
  },
);
export type BulkRequest = Static<typeof BulkRequest>;

export const BulkResult = Type.Object(
  {
    matched: Type.Integer({ description: 'tasks that this call found' }),
    done: Type.Integer({ description: 'how many of them it changed; 0 for a dry run' }),
    failed: Type.Integer({ description: 'how many of them it could not change' }),
    failures: Type.Object(
      {
        gone: Type.Integer({ description: 'removed meanwhile' }),
        changed: Type.Integer({ description: 'they have another status by now' }),
        unreadable: Type.Integer({ description: 'damaged: remove them' }),
      },
      { title: 'BulkFailures', description: 'the failed ones by reason' },
    ),
    looked_at: Type.Integer({ description: 'how many tasks this call looked at' }),
    next_cursor: Type.Union([Type.String(), Type.Null()], {
      description: 'for the next call, with the same action and filter; null: there are no more',
    }),
  },
  { title: 'BulkResult' },
);
export type BulkResult = Static<typeof BulkResult>;
