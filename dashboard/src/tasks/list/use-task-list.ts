import { useState } from 'preact/hooks';
import type { ListedTask, TaskList } from '../../../../src/shared/http-contract/tasks.ts';
import { getJson } from '../../api/client.ts';
import { useLiveData } from '../../api/use-live-data.ts';

const PAGE_SIZE = 50;

export interface LoadedTasks {
  readonly tasks: readonly ListedTask[];
  readonly hasMore: boolean;
}

export interface TaskFilters {
  readonly status?: string;
  readonly type?: string;
}

export interface UseTaskListOptions {
  readonly filters: TaskFilters;
  /** False: a filter is not valid, and no request is sent. */
  readonly isValid: boolean;
  readonly refreshSeconds: number;
}

/** The tasks that match: the first page, and more on demand. Other filters begin with the first page again. */
export function useTaskList({ filters, isValid, refreshSeconds }: UseTaskListOptions) {
  const filtersKey = JSON.stringify(filters);
  const [wanted, setWanted] = useState({ filtersKey, pages: 1 });
  const pages = wanted.filtersKey === filtersKey ? wanted.pages : 1;
  const { live, refresh } = useLiveData<LoadedTasks>({
    key: JSON.stringify([filtersKey, pages]),
    load: (signal) => loadPages(filters, isValid ? pages : 0, signal),
    isEmpty: ({ tasks }) => tasks.length === 0,
    refreshSeconds,
  });
  return { live, refresh, showMore: () => setWanted({ filtersKey, pages: pages + 1 }) };
}

/** The first pages of the list, one request after the other: each begins where the last one ended. */
async function loadPages(filters: TaskFilters, pages: number, signal: AbortSignal): Promise<LoadedTasks> {
  const tasks = new Map<string, ListedTask>();
  let cursor: string | null = null;
  for (let page = 0; page < pages; ) {
    const query = new URLSearchParams({ limit: String(PAGE_SIZE) });
    if (filters.status !== undefined) query.set('status', filters.status);
    if (filters.type !== undefined) query.set('event_type', filters.type);
    if (cursor !== null) query.set('cursor', cursor);
    const list: TaskList = await getJson<TaskList>(`/api/tasks?${query}`, { signal });
    // A task that changed its status between two requests may come twice.
    for (const task of list.tasks) tasks.set(task.id, task);
    // A search through very many tasks has pages without any.
    if (list.tasks.length > 0) page++;
    cursor = list.next_cursor;
    if (cursor === null) break;
  }
  return { tasks: [...tasks.values()], hasMore: cursor !== null };
}
