import './task-listing.css';
import type { LiveData } from '../../api/poller.ts';
import { setSearch } from '../../navigation/router.ts';
import { Button } from '../../ui/buttons/button.tsx';
import { EmptyState } from '../../ui/status/empty-state.tsx';
import { Skeleton } from '../../ui/status/skeleton.tsx';
import { NoTasks } from './no-tasks.tsx';
import { TaskTable } from './task-table.tsx';
import type { LoadedTasks } from './use-task-list.ts';

export interface TaskListingProps {
  readonly live: LiveData<LoadedTasks>;
  readonly filters: Readonly<Record<string, string>>;
  readonly onRetry: () => void;
  /** Undefined: the token may not submit tasks. */
  readonly onSubmit: (() => void) | undefined;
}

/** The tasks that match, or in their place the reason why there are none. */
export function TaskListing({ live, filters, onRetry, onSubmit }: TaskListingProps) {
  const { status, data, error } = live;
  const isFiltered = Object.keys(filters).length > 0;
  const isEmpty = data !== undefined && data.tasks.length === 0;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section class="tasks-list" aria-label="List of tasks" aria-busy={status === 'loading'} tabIndex={0}>
      {status === 'loading' && <Skeleton class="tasks-skeleton" />}
      {status === 'error' && (
        <EmptyState icon="warning" tone="failure" title="Could not load the tasks">
          <p>{error?.reason}</p>
          <Button onClick={onRetry}>Try again</Button>
        </EmptyState>
      )}
      {data !== undefined && !isEmpty && <TaskTable tasks={data.tasks} filters={filters} />}
      {isEmpty && isFiltered && (
        <EmptyState title="No task matches">
          <Button onClick={() => setSearch({ status: null, type: null })}>Show all tasks</Button>
        </EmptyState>
      )}
      {isEmpty &&
        !isFiltered &&
        (onSubmit === undefined ? <EmptyState title="No tasks yet" /> : <NoTasks onSubmit={onSubmit} />)}
    </section>
  );
}
