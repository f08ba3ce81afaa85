import type { BulkAction, BulkFilter, BulkResult } from '../../../../src/shared/http-contract/bulk.ts';
import type { TaskStatus } from '../../../../src/shared/http-contract/tasks.ts';
import { getJson } from '../../api/client.ts';

export type BulkSums = Pick<BulkResult, 'matched' | 'done' | 'failed'>;

export interface BulkWording {
  readonly verb: string;
  /** The verb with its object: `Run 3 tasks now`. */
  readonly what: (tasks: string) => string;
  readonly done: string;
  readonly means: string;
  readonly isDangerous: boolean;
}

export const WORDING: Readonly<Record<BulkAction, BulkWording>> = {
  retry: {
    verb: 'Retry',
    what: (tasks) => `Retry ${tasks}`,
    done: 'queued again',
    means: 'They will be queued again, with all their attempts.',
    isDangerous: false,
  },
  run_now: {
    verb: 'Run now',
    what: (tasks) => `Run ${tasks} now`,
    done: 'queued',
    means: 'They will be due at once.',
    isDangerous: false,
  },
  cancel: {
    verb: 'Cancel',
    what: (tasks) => `Cancel ${tasks}`,
    done: 'cancelled',
    means: 'They will be dead and not tried again. Workers will end those that run.',
    isDangerous: true,
  },
  remove: {
    verb: 'Remove',
    what: (tasks) => `Remove ${tasks}`,
    done: 'removed',
    means: 'They will be removed with their payloads and results. This cannot be undone.',
    isDangerous: true,
  },
};

/** The actions for tasks with a status. */
export const ACTIONS_ON: Readonly<Record<TaskStatus, readonly BulkAction[]>> = {
  active: ['cancel'],
  queued: ['cancel'],
  delayed: ['run_now', 'cancel'],
  blocked: ['cancel'],
  dead: ['retry', 'remove'],
  completed: ['remove'],
};

export interface BulkCall {
  readonly action: BulkAction;
  readonly filter: BulkFilter;
  readonly isDryRun?: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (sums: BulkSums) => void;
}

/** Changes all tasks that match, or counts them, in as many calls as that takes. */
export async function changeAll({
  action,
  filter,
  isDryRun = false,
  signal,
  onProgress,
}: BulkCall): Promise<BulkSums> {
  let sums: BulkSums = { matched: 0, done: 0, failed: 0 };
  let cursor: string | null = null;
  do {
    const body = { action, filter, dry_run: isDryRun, ...(cursor !== null && { cursor }) };
    const result: BulkResult = await getJson<BulkResult>('/api/tasks/bulk', { method: 'POST', body, signal });
    sums = {
      matched: sums.matched + result.matched,
      done: sums.done + result.done,
      failed: sums.failed + result.failed,
    };
    onProgress(sums);
    cursor = result.next_cursor;
  } while (cursor !== null);
  return sums;
}
