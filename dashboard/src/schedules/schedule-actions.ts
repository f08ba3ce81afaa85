import { getJson } from '../api/client.ts';

export type ScheduleAction = 'run' | 'pause' | 'resume' | 'remove';

interface Wording {
  /** Changes the schedule with this id. */
  readonly send: (id: string) => Promise<unknown>;
  readonly confirm: string;
  readonly means: string;
  /** What a screen reader says then. */
  readonly done: string;
}

const pathOf = (id: string) => `/api/schedules/${encodeURIComponent(id)}`;
const post = (action: string) => (id: string) => getJson(`${pathOf(id)}/${action}`, { method: 'POST' });

export const SCHEDULE_ACTIONS: Readonly<Record<ScheduleAction, Wording>> = {
  run: {
    send: post('run'),
    confirm: 'Run now',
    means: 'One task is queued now. The next due time stays.',
    done: 'A task is queued.',
  },
  pause: {
    send: post('pause'),
    confirm: 'Pause',
    means: 'It makes no tasks until you resume it.',
    done: 'The schedule is paused.',
  },
  resume: {
    send: post('resume'),
    confirm: 'Resume',
    means: 'It makes tasks again. What was due meanwhile is left out.',
    done: 'The schedule goes on.',
  },
  remove: {
    send: (id) => getJson(pathOf(id), { method: 'DELETE' }),
    confirm: 'Remove',
    means: 'It makes no more tasks. Those that it made stay.',
    done: 'The schedule is removed.',
  },
};
