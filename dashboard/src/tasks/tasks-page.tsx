import './tasks-page.css';
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { MissingScope } from '../access/missing-scope.tsx';
import { lacks } from '../api/access.ts';
import { visibleText } from '../format/visible-text.ts';
import { lazyDialog } from '../lazy/lazy-dialog.tsx';
import { navigate, search, taskId } from '../navigation/router.ts';
import { Button } from '../ui/buttons/button.tsx';
import { Freshness } from '../ui/status/freshness.tsx';
import { hrefTo, view } from '../view/view.ts';
import { BulkBar } from './bulk/bulk-bar.tsx';
import { ErrorGroups } from './bulk/error-groups.tsx';
import { useSelection } from './bulk/use-selection.ts';
import { TaskFilter } from './list/task-filter.tsx';
import { apiFilter, filterError, readFilters } from './list/task-filters.ts';
import { TaskListing } from './list/task-listing.tsx';
import { useHeldList } from './list/use-held-list.ts';
import { useTaskList } from './list/use-task-list.ts';
import { PausedTypes } from './paused-types.tsx';
import { QueueCounts, stateOf, useQueue } from './queue-counts.tsx';

/** Tasks change faster than charts. */
const SLOWEST_REFRESH_SECONDS = 6;

const NO_TASKS = [] as const;

const TaskDialog = lazyDialog(() => import('./task/task-dialog.tsx').then((module) => module.TaskDialog));
const SubmitDialog = lazyDialog(() =>
  import('./task/submit-dialog.tsx').then((module) => module.SubmitDialog),
);

/** Tasks by status and event type, one task in full, and a form for a new one. `task-filters.ts` has the filters. */
export function TasksPage() {
  const [isSubmitting, setSubmitting] = useState(false);
  const onSubmit = lacks('tasks:write') ? undefined : () => setSubmitting(true);
  return (
    <div class="tasks">
      {lacks('tasks:read') ? <HiddenTasks onSubmit={onSubmit} /> : <VisibleTasks onSubmit={onSubmit} />}
      {isSubmitting && <SubmitDialog onClose={() => setSubmitting(false)} />}
    </div>
  );
}

interface TasksProps {
  /** Undefined: the token may not submit tasks. */
  readonly onSubmit: (() => void) | undefined;
}

/** Of a token that may not see tasks; it may still submit some. */
function HiddenTasks({ onSubmit }: TasksProps) {
  return (
    <>
      <TasksHead onSubmit={onSubmit} />
      <MissingScope scope="tasks:read">
        {taskId.value !== null && (
          <p>
            Task <bdi>{visibleText(taskId.value)}</bdi>
          </p>
        )}
      </MissingScope>
    </>
  );
}

function TasksHead({ onSubmit, children }: TasksProps & { readonly children?: ComponentChildren }) {
  return (
    <header class="tasks-head">
      <h1>Tasks</h1>
      {children}
      {onSubmit !== undefined && (
        <Button kind="primary" onClick={onSubmit}>
          Submit a task
        </Button>
      )}
    </header>
  );
}

function VisibleTasks({ onSubmit }: TasksProps) {
  const filters = readFilters(search.value);
  const filtersKey = JSON.stringify(filters);
  const typeError = filterError(filters);
  const refreshSeconds = Math.min(view.value.refreshSeconds, SLOWEST_REFRESH_SECONDS);
  const pace = { refreshSeconds, isResting: taskId.value !== null };
  const queue = useQueue(pace);
  const listing = useTaskList({ filters, isValid: typeError === undefined, ...pace });
  const { data } = listing.live;
  const held = useHeldList({
    latest: data?.tasks ?? NO_TASKS,
    key: data?.filtersKey ?? filtersKey,
    isCut: data?.hasMore === true || filters.sort !== undefined,
    isLive: refreshSeconds > 0,
  });
  const selection = useSelection(filtersKey);
  const mayChange = !lacks('tasks:write');
  const links = filters as Readonly<Record<string, string>>;
  return (
    <>
      <TasksHead onSubmit={onSubmit}>
        <Freshness of={[listing.live, queue.live]} />
      </TasksHead>
      <QueueCounts
        queue={stateOf(queue.live.data, filters.queue)}
        name={filters.queue}
        onChange={queue.refresh}
      />
      <TaskFilter
        filters={filters}
        found={data}
        typeError={typeError}
        queues={(queue.live.data?.queues ?? []).map((each) => each.queue)}
      />
      <PausedTypes
        paused={queue.live.data?.paused_event_types ?? []}
        chosen={typeError === undefined ? filters.type : undefined}
        onChange={queue.refresh}
      />
      {filters.status === 'dead' && filters.group === undefined && typeError === undefined && (
        <ErrorGroups type={filters.type} queue={filters.queue} {...pace} />
      )}
      {mayChange && typeError === undefined && (
        <BulkBar
          filter={apiFilter(filters)}
          selected={selection.selected}
          onClear={selection.clear}
          newCount={held.newCount}
          onRelease={held.release}
          lookedAt={data?.lookedAt ?? 0}
        />
      )}
      <TaskListing
        live={listing.live}
        held={held}
        selection={mayChange ? selection : undefined}
        filters={links}
        onRetry={listing.refresh}
        onSubmit={onSubmit}
      />
      {data?.hasMore && (
        <Button class="tasks-more" onClick={listing.showMore}>
          {data.tasks.length === 0 ? 'Look further' : 'Show more'}
        </Button>
      )}
      {taskId.value !== null && (
        <TaskDialog
          key={taskId.value}
          id={taskId.value}
          refreshSeconds={refreshSeconds}
          onClose={() => navigate(hrefTo('/tasks', links))}
        />
      )}
    </>
  );
}
