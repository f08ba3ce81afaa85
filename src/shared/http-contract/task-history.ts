import { type Static, Type } from 'typebox';
import { TimeOrNull } from './time.ts';

/** What happened to a task, as `/api/tasks/{id}/history` returns it. */

export const AttemptOutcome = Type.Enum(
  ['active', 'completed', 'failed', 'timed_out', 'put_back', 'stalled'],
  {
    title: 'AttemptOutcome',
    description:
      'one of active (it runs); completed; failed; timed_out; put_back (its worker had to stop) and stalled (its worker vanished), which use up no attempt',
  },
);
export type AttemptOutcome = Static<typeof AttemptOutcome>;

export const TaskAttempt = Type.Object(
  {
    number: Type.Integer({
      description:
        'as the handler gets it; a retry by hand begins with 1 again, and what used up no attempt comes again',
    }),
    started_at: TimeOrNull,
    ended_at: TimeOrNull,
    worker: Type.Union([Type.String(), Type.Null()], { description: 'its id: see /api/workers' }),
    outcome: AttemptOutcome,
    progress: Type.Unknown({ description: 'what the handler reported last; null: nothing' }),
    error: Type.Union(
      [
        Type.Object(
          {
            name: Type.String(),
            message: Type.String({ description: 'with the messages of its causes' }),
            stack: Type.String({
              description: 'with the stacks of its causes; shortened so that the whole attempt has 8 KiB',
            }),
          },
          { title: 'AttemptError' },
        ),
        Type.Null(),
      ],
      { description: 'of one that failed or timed out' },
    ),
  },
  { title: 'TaskAttempt' },
);
export type TaskAttempt = Static<typeof TaskAttempt>;

export const TaskChange = Type.Object(
  {
    action: Type.String({
      description:
        'as in the audit log: task.retry, task.cancel or task.run, also when one call changed many tasks',
    }),
    by: Type.String({ description: 'the name of the token; anonymous: the API needs none' }),
    at: TimeOrNull,
  },
  { title: 'TaskChange' },
);
export type TaskChange = Static<typeof TaskChange>;

export const TaskHistory = Type.Object(
  {
    attempts: Type.Array(TaskAttempt, {
      description: 'oldest first; of those that did not complete the last 20',
    }),
    changes: Type.Array(TaskChange, { description: 'oldest first; the last 20' }),
  },
  { title: 'TaskHistory' },
);
export type TaskHistory = Static<typeof TaskHistory>;

export const TaskLogLine = Type.Object(
  {
    time: TimeOrNull,
    level: Type.Union([Type.String(), Type.Null()], {
      description: 'trace, debug, info, warn, error, fatal, or the number of another one',
    }),
    attempt: Type.Union([Type.Integer(), Type.Null()], {
      description: 'the number of the attempt that logged it',
    }),
    message: Type.String({ description: 'its first 1,000 characters' }),
    fields: Type.Record(Type.String(), Type.Unknown(), {
      description: 'up to about 1,000 characters of JSON; longer values are cut, and some left out',
    }),
  },
  { title: 'TaskLogLine' },
);
export type TaskLogLine = Static<typeof TaskLogLine>;

export const TaskLogs = Type.Object(
  { lines: Type.Array(TaskLogLine, { description: 'oldest first; the last 100 of the handler' }) },
  { title: 'TaskLogs' },
);
export type TaskLogs = Static<typeof TaskLogs>;
