import type { ListedTask, TaskStatus } from '../../../src/shared/contract.ts';
import type { Tone } from '../ui/tone.ts';

/** In the order in which a listing walks them. */
export const STATUSES: readonly TaskStatus[] = ['active', 'queued', 'delayed', 'dead', 'completed'];

export const TONES: Readonly<Record<TaskStatus, Tone>> = {
  active: 'active',
  queued: 'neutral',
  delayed: 'warning',
  dead: 'failure',
  completed: 'success',
};

export function isStatus(text: string | null): text is TaskStatus {
  return STATUSES.some((status) => status === text);
}

/** Seconds from being due to its start, and from its start to its end; null where one of them is not known. */
export function durationsOf(
  task: Pick<ListedTask, 'created_at' | 'scheduled_at' | 'started_at' | 'finished_at'>,
) {
  const due = task.scheduled_at ?? task.created_at;
  return { waited: between(due, task.started_at), ran: between(task.started_at, task.finished_at) };
}

function between(from: string | null, to: string | null): number | null {
  if (from === null || to === null) return null;
  return Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);
}

/** What may be done by hand: a dead task is retried, one that does not run is removed. */
export function actionsOn(status: TaskStatus): { readonly retry: boolean; readonly remove: string | null } {
  const waits = status === 'queued' || status === 'delayed';
  return { retry: status === 'dead', remove: status === 'active' ? null : waits ? 'Cancel' : 'Remove' };
}
