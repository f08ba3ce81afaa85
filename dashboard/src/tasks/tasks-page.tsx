import './tasks-page.css';
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { MissingScope } from '../access/missing-scope.tsx';
import { lacks } from '../api/access.ts';
import { lazyDialog } from '../lazy/lazy-dialog.tsx';
import { navigate, search, taskId } from '../navigation/router.ts';
import { Button } from '../ui/buttons/button.tsx';
import { hrefTo, view } from '../view/view.ts';
import { eventTypeError } from './event-type.ts';
import { Freshness } from './list/freshness.tsx';
import { TaskFilter } from './list/task-filter.tsx';
import { TaskListing } from './list/task-listing.tsx';
import { useTaskList } from './list/use-task-list.ts';
import { QueueCounts, useQueue } from './queue-counts.tsx';
import { isStatus } from './task/task-status.ts';

/** Tasks change faster than charts. */
const SLOWEST_REFRESH_SECONDS = 5;

const TaskDialog = lazyDialog(() => import('./task/task-dialog.tsx').then((module) => module.TaskDialog));
const SubmitDialog = lazyDialog(() =>
  import('./task/submit-dialog.tsx').then((module) => module.SubmitDialog),
);

/** Tasks by status and event type, one task in full, and a form for a new one. `?status=` and `?type=` filter. */
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
      <MissingScope scope="tasks:read">{taskId.value !== null && <p>Task {taskId.value}</p>}</MissingScope>
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
  const status = search.value.get('status');
  const type = search.value.get('type') ?? '';
  const filters = { ...(isStatus(status) && { status }), ...(type !== '' && { type }) };
  const typeError = type === '' ? undefined : eventTypeError(type);
  const refreshSeconds = Math.min(view.value.refreshSeconds, SLOWEST_REFRESH_SECONDS);
  const queue = useQueue(refreshSeconds);
  const listing = useTaskList({ filters, isValid: typeError === undefined, refreshSeconds });
  return (
    <>
      <TasksHead onSubmit={onSubmit}>
        <Freshness queue={queue.live} listing={listing.live} />
      </TasksHead>
      <QueueCounts queue={queue.live.data} onChange={queue.refresh} />
      <TaskFilter status={isStatus(status) ? status : 'all'} type={type} typeError={typeError} />
      <TaskListing live={listing.live} filters={filters} onRetry={listing.refresh} onSubmit={onSubmit} />
      {listing.live.data?.hasMore && (
        <Button class="tasks-more" onClick={listing.showMore}>
          Show more
        </Button>
      )}
      {taskId.value !== null && (
        <TaskDialog
          key={taskId.value}
          id={taskId.value}
          refreshSeconds={refreshSeconds}
          onClose={() => navigate(hrefTo('/tasks', filters))}
        />
      )}
    </>
  );
}
