import { type Static, Type } from 'typebox';
import { Time, TimeOrNull } from './time.ts';

/** The workers of the queue, as `/api/workers` returns them. */

export const WorkerState = Type.Enum(['running', 'draining', 'stopped', 'vanished'], {
  title: 'WorkerState',
  description:
    'one of running; draining (takes no more tasks); stopped (ended as it should); vanished (silent for 30 s, but did not stop)',
});

export const WorkerDetail = Type.Object(
  {
    id: Type.String({ description: 'one for each start of a process' }),
    host: Type.String(),
    pid: Type.Integer(),
    version: Type.String(),
    state: WorkerState,
    slots: Type.Integer({ description: 'how many tasks it runs at once' }),
    queues: Type.Array(
      Type.Object({ queue: Type.String(), slots: Type.Integer() }, { title: 'QueueSlots' }),
      {
        description: 'the queues that it takes tasks from, each with its slots',
      },
    ),
    event_types: Type.Array(Type.String(), { description: 'that it has handlers for' }),
    since: { ...Time, description: 'when it announced itself first' },
    last_seen: { ...Time, description: 'when it announced itself last; a live one does so every 10 s' },
    active: Type.Array(
      Type.Object(
        { id: Type.String(), event_type: Type.String(), queue: Type.String(), started_at: TimeOrNull },
        { title: 'ActiveTask' },
      ),
      { description: 'the tasks that it runs now' },
    ),
  },
  { title: 'Worker' },
);
export type WorkerDetail = Static<typeof WorkerDetail>;

export const WorkerList = Type.Object(
  {
    workers: Type.Array(WorkerDetail, {
      description: 'those that were seen in the last hour, the last seen first; at most 1,000',
    }),
    unassigned: Type.Integer({
      description: 'active tasks of workers that are not in the list, such as those of an older version',
    }),
  },
  { title: 'WorkerList' },
);
export type WorkerList = Static<typeof WorkerList>;
