import './task-listing.css';
import type { LiveData } from '../../api/poller.ts';
import { plain } from '../../format/quantity.ts';
import { setSearch } from '../../navigation/router.ts';
import { Button } from '../../ui/buttons/button.tsx';
import { EmptyState } from '../../ui/status/empty-state.tsx';
import { Skeleton } from '../../ui/status/skeleton.tsx';
import type { Selection } from '../bulk/use-selection.ts';
import { NoTasks } from './no-tasks.tsx';
import { NO_FILTERS } from './task-filters.ts';
import { TaskTable } from './task-table.tsx';
import type { HeldList } from './use-held-list.ts';
import type { LoadedTasks } from './use-task-list.ts';

export interface TaskListingProps {
  readonly live: LiveData<LoadedTasks>;
  readonly held: HeldList;
  /** Undefined: the token may not change tasks. */
  readonly selection: Selection | undefined;
  readonly filters: Readonly<Record<string, string>>;
  readonly onRetry: () => void;
  /** Undefined: the token may not submit tasks. */
  readonly onSubmit: (() => void) | undefined;
}

/** The tasks that match, or in their place the reason why there are none. */
export function TaskListing({ live, held, selection, filters, onRetry, onSubmit }: TaskListingProps) {
  const { status, data, error } = live;
  const isFiltered = Object.keys(filters).length > 0;
  const isEmpty = data !== undefined && data.tasks.length === 0;
  return (
    <section
      class="tasks-list"
      aria-label="List of tasks"
      aria-busy={status === 'loading'}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
      tabIndex={0}
      {...held.holders}
    >
      {status === 'loading' && <Skeleton class="tasks-skeleton" />}
      {status === 'error' && (
        <EmptyState icon="warning" tone="failure" title="Could not load the tasks">
          <p>{error?.reason}</p>
          <Button onClick={onRetry}>Try again</Button>
        </EmptyState>
      )}
      {data !== undefined && !isEmpty && (
        <TaskTable tasks={held.tasks} selection={selection} filters={filters} />
      )}
      {isEmpty && isFiltered && (
        <EmptyState
          title={data.hasMore ? `No task matches so far, among ${plain(data.lookedAt)}` : 'No task matches'}
        >
          <Button onClick={() => setSearch(NO_FILTERS)}>Show all tasks</Button>
        </EmptyState>
      )}
      {isEmpty &&
        !isFiltered &&
        (onSubmit === undefined ? <EmptyState title="No tasks yet" /> : <NoTasks onSubmit={onSubmit} />)}
    </section>
  );
}
