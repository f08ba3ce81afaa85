import type { ListedTask, TaskStatus } from '../../../../src/shared/http-contract/tasks.ts';
import { isStatus } from '../task/task-status.ts';

export interface TaskOrder {
  /** What stands first, in words. */
  readonly text: string;
  /** The time of the order, as the table shows it. */
  readonly name: string;
  readonly time: (task: ListedTask) => string | null;
}

const CREATED: TaskOrder = {
  text: 'By status, from active to completed',
  name: 'Created',
  time: (task) => task.created_at,
};
const ENDED: TaskOrder = { text: 'Last ended first', name: 'Ended', time: (task) => task.finished_at };

/** As the API orders the tasks of each status. */
const ORDERS: Readonly<Record<TaskStatus, TaskOrder>> = {
  queued: { ...CREATED, text: 'Last submitted first' },
  blocked: { ...CREATED, text: 'Last blocked first' },
  active: { text: 'Last started first', name: 'Started', time: (task) => task.started_at },
  delayed: { text: 'Last due first', name: 'Due', time: (task) => task.due_at },
  dead: ENDED,
  completed: ENDED,
};

/** The order of a list of tasks with a status; undefined: with any. */
export function orderOf(status: string | undefined): TaskOrder {
  return status !== undefined && isStatus(status) ? ORDERS[status] : CREATED;
}
