import { type Static, Type } from 'typebox';

/** The state of the queue, as `/api/queue` returns it. */

export const QueuePause = Type.Object(
  {
    paused: Type.Boolean({ description: 'whether workers take no tasks' }),
  },
  { title: 'QueuePause' },
);

export const QueueState = Type.Object(
  {
    ...QueuePause.properties,
    tasks: Type.Object({
      waiting: Type.Integer({ description: 'tasks that are due' }),
      active: Type.Integer({ description: 'tasks that a worker runs' }),
      delayed: Type.Integer({
        description: 'tasks that are not due yet, or that a limit of their event type put off',
      }),
      dead: Type.Integer({ description: 'tasks that were given up, and that the queue still keeps' }),
      completed: Type.Integer({ description: 'tasks that ended well, and that the queue still keeps' }),
    }),
    oldest_age_seconds: Type.Number({
      description: 'age of the task that is due for longest; 0 when none waits',
    }),
  },
  { title: 'Queue' },
);
export type QueueState = Static<typeof QueueState>;
