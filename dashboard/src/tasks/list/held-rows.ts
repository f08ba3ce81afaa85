import type { TaskEvent, TaskEventStatus } from '../../../../src/shared/http-contract/task-events.ts';
import type { ListedTask } from '../../../../src/shared/http-contract/tasks.ts';
import { hasEnded, isStatus } from '../task/task-status.ts';

/** A row of the list. `left` is set once the list has the task no longer: it is the task's status since. */
export interface HeldTask extends ListedTask {
  readonly left?: TaskEventStatus | 'unknown';
}

/** The queue whose events the page follows. */
const FOLLOWED_QUEUE = 'tasks';

export interface HeldRowsOptions {
  readonly held: readonly ListedTask[];
  readonly latest: readonly ListedTask[];
  /** Whether the latest list ends before all that match: newer tasks push others out of it. */
  readonly isCut: boolean;
  /** Whether events come as they happen: then one without an event has not changed. */
  readonly isFollowing: boolean;
  /** The last event of each held task, if it had one. */
  readonly events: ReadonlyMap<string, TaskEvent | undefined>;
}

/** Returns the held rows, each with what is known of its task now. */
export function heldRows({ held, latest, isCut, isFollowing, events }: HeldRowsOptions): HeldTask[] {
  const known = new Map(latest.map((task) => [task.id, task]));
  return held.map((task): HeldTask => {
    const listed = known.get(task.id);
    if (listed !== undefined) return listed;
    const status = events.get(task.id)?.status;
    if (status !== undefined && status !== task.status)
      return { ...task, ...(isStatus(status) && { status }), left: status };
    const isSteady = hasEnded(task.status) || (isFollowing && task.queue === FOLLOWED_QUEUE);
    return isCut && isSteady ? task : { ...task, left: 'unknown' };
  });
}
