import { type Static, Type } from 'typebox';
import { EVENT_TYPE_DESCRIPTION, EVENT_TYPE_PATTERN } from './limits.ts';
import { QueueName } from './tasks.ts';

/** What `GET /api/events` tells. */

/** A task's new status, or that somebody removed it. */
export const TaskEventStatus = Type.Enum(
  ['queued', 'delayed', 'blocked', 'active', 'completed', 'dead', 'removed'],
  {
    title: 'TaskEventStatus',
    description: 'one of queued, delayed, blocked, active, completed, dead, removed',
  },
);
export type TaskEventStatus = Static<typeof TaskEventStatus>;

/** The data of an event `task`. */
export const TaskEvent = Type.Object(
  {
    id: Type.String({ description: 'of the task' }),
    event_type: Type.String({ description: 'empty when the task is gone and nobody knows it any more' }),
    status: TaskEventStatus,
    time: Type.String({ format: 'date-time', description: "when it was stored, by Redis's clock" }),
  },
  { title: 'TaskEvent' },
);
export type TaskEvent = Static<typeof TaskEvent>;

/**
 * Why events are missing before this one: Redis keeps them no longer, the queue was emptied, or more came than one
 * stream carries.
 */
export const GapReason = Type.Enum(['trimmed', 'reset', 'too_many'], { title: 'GapReason' });
export type GapReason = Static<typeof GapReason>;

/** The data of an event `gap`. */
export const EventGap = Type.Object({ reason: GapReason }, { title: 'EventGap' });
export type EventGap = Static<typeof EventGap>;

export const EventsQuery = Type.Object({
  queue: Type.Optional({ ...QueueName, description: 'the name of one queue; absent: tasks' }),
  event_type: Type.Optional(
    Type.String({ pattern: EVENT_TYPE_PATTERN, description: EVENT_TYPE_DESCRIPTION }),
  ),
  status: Type.Optional(TaskEventStatus),
  id: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'the id of a task' })),
});

/** The longest wait for a task's end in one request, in seconds. */
export const MAX_WAIT_SECONDS = 60;
