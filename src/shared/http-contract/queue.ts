import { type Static, Type } from 'typebox';
import { PausedEventType } from './event-types.ts';
import { QueueName } from './tasks.ts';

/** The state of the queue, as `/api/queue` returns it. */

export const QueuePause = Type.Object(
  {
    paused: Type.Boolean({ description: 'whether workers take no tasks' }),
  },
  { title: 'QueuePause' },
);

const QueueTasks = Type.Object({
  waiting: Type.Integer({ description: 'tasks that are due' }),
  active: Type.Integer({ description: 'tasks that a worker runs' }),
  delayed: Type.Integer({
    description: 'tasks that are not due yet, or that a limit of their event type put off',
  }),
  blocked: Type.Integer({ description: 'tasks that wait for other tasks to complete' }),
  dead: Type.Integer({ description: 'tasks that were given up, and that the queue still keeps' }),
  completed: Type.Integer({ description: 'tasks that ended well, and that the queue still keeps' }),
  paused: Type.Integer({ description: 'tasks that are due, but whose event type is paused' }),
});

export const QueueState = Type.Object(
  {
    ...QueuePause.properties,
    tasks: QueueTasks,
    workers: Type.Integer({ description: 'live workers that take tasks: see /api/workers' }),
    oldest_age_seconds: Type.Number({
      description:
        'age of the task that is due for longest; 0 when none waits. Paused event types do not count.',
    }),
    paused_event_types: Type.Array(PausedEventType, { description: 'by name; at most 100' }),
    queues: Type.Array(
      Type.Object(
        {
          queue: Type.String(),
          ...QueuePause.properties,
          tasks: QueueTasks,
          oldest_age_seconds: Type.Number(),
        },
        { title: 'OneQueue' },
      ),
      { description: 'each queue by itself; the numbers above are their sums' },
    ),
  },
  { title: 'Queue' },
);
export type QueueState = Static<typeof QueueState>;

export const QueueQuery = Type.Object({
  queue: Type.Optional({ ...QueueName, description: 'the name of one queue; absent: all' }),
});
