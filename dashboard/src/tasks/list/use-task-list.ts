import { useState } from 'preact/hooks';
import type { ListedTask, TaskList } from '../../../../src/shared/http-contract/tasks.ts';
import { getJson } from '../../api/client.ts';
import { type Pace, useLiveData } from '../../api/use-live-data.ts';
import { apiFilter, type TaskFilters } from './task-filters.ts';

const PAGE_SIZE = 50;

/** A request that found nothing has looked for a second. After so many the operator says whether to go on. */
const MOST_EMPTY_PAGES = 3;

export interface LoadedTasks {
  /** Tells the filters of which they are: right after a change they are of those before. */
  readonly filtersKey: string;
  readonly tasks: readonly ListedTask[];
  readonly hasMore: boolean;
  /** How many tasks the orchestrator looked at for these. */
  readonly lookedAt: number;
  /** Of the slowest: whether all that match were compared. */
  readonly isComplete: boolean;
}

export interface UseTaskListOptions extends Pace {
  readonly filters: TaskFilters;
  /** False: a filter is not valid, and no request is sent. */
  readonly isValid: boolean;
}

/** The tasks that match: the first page, and more on demand. Other filters begin with the first page again. */
export function useTaskList({ filters, isValid, refreshSeconds, isResting }: UseTaskListOptions) {
  const filtersKey = JSON.stringify(filters);
  const [wanted, setWanted] = useState({ filtersKey, pages: 1 });
  const pages = wanted.filtersKey === filtersKey ? wanted.pages : 1;
  const { live, refresh } = useLiveData<LoadedTasks>({
    key: JSON.stringify([filtersKey, pages]),
    load: (signal) => loadPages(filters, isValid ? pages : 0, signal),
    isEmpty: ({ tasks }) => tasks.length === 0,
    refreshSeconds,
    isResting,
    concerns: ({ event_type }) => filters.type === undefined || filters.type === event_type,
  });
  return { live, refresh, showMore: () => setWanted({ filtersKey, pages: pages + 1 }) };
}

/** The first pages of the list, one request after the other: each begins where the last one ended. */
async function loadPages(filters: TaskFilters, pages: number, signal: AbortSignal): Promise<LoadedTasks> {
  const tasks = new Map<string, ListedTask>();
  let cursor: string | null = null;
  let [lookedAt, emptyPages] = [0, 0];
  let isComplete = true;
  for (let page = 0; page < pages; ) {
    const query = new URLSearchParams({ ...(apiFilter(filters) as object), limit: String(PAGE_SIZE) });
    if (cursor !== null) query.set('cursor', cursor);
    if (filters.sort !== undefined) query.set('sort', 'run_time');
    const list: TaskList = await getJson<TaskList>(`/api/tasks?${query}`, { signal });
    // A task that changed its status between two requests may come twice.
    for (const task of list.tasks) tasks.set(task.id, task);
    lookedAt += list.looked_at;
    isComplete = list.is_complete ?? true;
    // A search through very many tasks has pages without any.
    if (list.tasks.length > 0 || ++emptyPages % MOST_EMPTY_PAGES === 0) page++;
    cursor = list.next_cursor;
    if (cursor === null) break;
  }
  const filtersKey = JSON.stringify(filters);
  return { filtersKey, tasks: [...tasks.values()], hasMore: cursor !== null, lookedAt, isComplete };
}
