import type { BulkAction } from '../../../../src/shared/http-contract/bulk.ts';
import type { TaskDetail, TaskSummary } from '../../../../src/shared/http-contract/tasks.ts';
import { getJson } from '../../api/client.ts';

export interface TaskAction {
  readonly question: string;
  readonly means: string;
  readonly confirm: string;
  readonly isDangerous: boolean;
  /** What is said once it is done. */
  readonly done: (summary: TaskSummary | undefined) => string;
  readonly send: (path: string) => Promise<TaskSummary | undefined>;
}

const post = (action: string) => (path: string) =>
  getJson<TaskSummary>(`${path}/${action}`, { method: 'POST' });

/** What one can do to one task. `bulk-actions.ts` says which of it is for which status. */
export const TASK_ACTIONS: Readonly<Record<BulkAction, TaskAction>> = {
  retry: {
    question: 'Retry this task?',
    means: 'The task is queued again, with all its attempts to come.',
    confirm: 'Retry',
    isDangerous: false,
    done: () => 'Queued again',
    send: post('retry'),
  },
  run_now: {
    question: 'Run this task now?',
    means: 'The task is due now: the next free worker takes it, in the order of priorities.',
    confirm: 'Run now',
    isDangerous: false,
    done: () => 'Due now',
    send: post('run'),
  },
  cancel: {
    question: 'Cancel this task?',
    means:
      'The task ends dead and is not tried again. If it runs, its worker ends it. You can retry it later.',
    confirm: 'Cancel task',
    isDangerous: true,
    done: (summary) => (summary?.status === 'active' ? 'Its worker is asked to end it' : 'Cancelled'),
    send: post('cancel'),
  },
  remove: {
    question: 'Remove this task?',
    means: 'This removes the task with its payload and its result. It cannot be undone.',
    confirm: 'Remove task',
    isDangerous: true,
    done: () => 'Removed',
    send: async (path) => {
      await getJson(path, { method: 'DELETE' });
      return undefined;
    },
  },
};

/** What the orchestrator writes before the error of a task that it cannot read; `asdlc` has the same. */
const UNREADABLE = 'unreadable: ';

/** Whether the API has the payload of the task. A null beside such an error may stand for one that is damaged. */
export function hasPayload({ payload, error }: Pick<TaskDetail, 'payload' | 'error'>): boolean {
  return payload !== null || error?.message.startsWith(UNREADABLE) !== true;
}
