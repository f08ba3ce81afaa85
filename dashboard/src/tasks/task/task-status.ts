import type { ListedTask, TaskStatus } from '../../../../src/shared/http-contract/tasks.ts';
import type { Tone } from '../../ui/status/tone.ts';

/** In the order of the list. */
export const STATUSES: readonly TaskStatus[] = [
  'active',
  'queued',
  'delayed',
  'blocked',
  'dead',
  'completed',
];

export const TONES: Readonly<Record<TaskStatus, Tone>> = {
  active: 'active',
  queued: 'neutral',
  delayed: 'neutral',
  blocked: 'neutral',
  dead: 'failure',
  completed: 'success',
};

export function isStatus(text: string | null): text is TaskStatus {
  return STATUSES.some((status) => status === text);
}

export const hasEnded = (status: TaskStatus) => status === 'completed' || status === 'dead';

type Timed = Pick<ListedTask, 'status' | 'attempts' | 'due_at' | 'started_at' | 'finished_at'>;

/**
 * How many seconds the task waited and ran; null if a time is not known. It waited from its due time to its start. The
 * start is that of the last attempt, so a task with earlier attempts has no known wait.
 */
export function durationsOf(task: Timed) {
  const { status, due_at, started_at, finished_at } = task;
  const earlierAttempts = task.attempts - (hasEnded(status) ? 1 : 0);
  const waited = earlierAttempts > 0 ? null : between(due_at, started_at);
  return { waited, ran: between(started_at, finished_at) };
}

function between(from: string | null, to: string | null): number | null {
  if (from === null || to === null) return null;
  return Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);
}
