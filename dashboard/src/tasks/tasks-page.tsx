import '../styles/tasks.css';
import { useState } from 'preact/hooks';
import type { ListedTask, TaskList } from '../../../src/shared/contract.ts';
import { getJson } from '../api/client.ts';
import type { Polled } from '../api/poller.ts';
import { usePolled } from '../api/use-polled.ts';
import { formatTime } from '../format.ts';
import { search, setSearch, taskId } from '../router.ts';
import { Badge } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { hrefTo, isUtc, view } from '../view.ts';
import { QueueCounts } from './queue-counts.tsx';
import { SubmitDialog } from './submit-dialog.tsx';
import { TaskDialog } from './task-dialog.tsx';
import { eventTypeError } from './task-form.ts';
import { isStatus, STATUSES } from './task-status.ts';
import { TaskTable } from './task-table.tsx';

const PAGE_SIZE = 50;
/** Tasks change faster than charts do. */
const SLOWEST_REFRESH_SECONDS = 5;

interface Listing {
  readonly tasks: readonly ListedTask[];
  readonly hasMore: boolean;
}

/** Tasks by state and type, one of them in full, and a form for a new one. `?status=` and `?type=` filter. */
export function TasksPage() {
  const status = search.value.get('status');
  const type = search.value.get('type') ?? '';
  const filters = { ...(isStatus(status) && { status }), ...(type !== '' && { type }) };
  const [pages, setPages] = useState(1);
  const [isSubmitting, setSubmitting] = useState(false);
  const refreshSeconds = Math.min(view.value.refreshSeconds, SLOWEST_REFRESH_SECONDS);
  const typeError = type === '' ? undefined : eventTypeError(type);
  const { polled, refresh } = usePolled<Listing>({
    key: JSON.stringify([filters, pages]),
    load: (signal) => loadPages(filters, typeError === undefined ? pages : 0, signal),
    isEmpty: ({ tasks }) => tasks.length === 0,
    refreshSeconds,
  });
  return (
    <div class="tasks">
      <header class="tasks-head">
        <h1>Tasks</h1>
        <Button kind="primary" onClick={() => setSubmitting(true)}>
          Submit a task
        </Button>
      </header>
      <QueueCounts refreshSeconds={refreshSeconds} />
      <Filters status={isStatus(status) ? status : 'all'} type={type} error={typeError} polled={polled} />
      <TaskListing polled={polled} filters={filters} onRetry={refresh} onSubmit={() => setSubmitting(true)} />
      {polled.data?.hasMore && (
        <Button class="tasks-more" onClick={() => setPages(pages + 1)}>
          Show more
        </Button>
      )}
      {taskId.value !== null && (
        <TaskDialog
          key={taskId.value}
          id={taskId.value}
          refreshSeconds={refreshSeconds}
          backHref={hrefTo('/tasks', filters)}
        />
      )}
      {isSubmitting && <SubmitDialog onClose={() => setSubmitting(false)} />}
    </div>
  );
}

/** The first pages of a listing, one after the other: each begins where the last one ended. */
async function loadPages(
  filters: { readonly status?: string; readonly type?: string },
  pages: number,
  signal: AbortSignal,
): Promise<Listing> {
  const tasks = new Map<string, ListedTask>();
  let cursor: string | null = null;
  for (let page = 0; page < pages; page++) {
    const query = new URLSearchParams({ limit: String(PAGE_SIZE) });
    if (filters.status !== undefined) query.set('status', filters.status);
    if (filters.type !== undefined) query.set('event_type', filters.type);
    if (cursor !== null) query.set('cursor', cursor);
    const list: TaskList = await getJson<TaskList>(`/api/tasks?${query}`, { signal });
    // One that changed its status between two pages may come twice.
    for (const task of list.tasks) tasks.set(task.id, task);
    cursor = list.next_cursor;
    if (cursor === null) break;
  }
  return { tasks: [...tasks.values()], hasMore: cursor !== null };
}

interface FiltersProps {
  readonly status: string;
  readonly type: string;
  readonly error: string | undefined;
  readonly polled: Polled<Listing>;
}

function Filters({ status, type, error, polled }: FiltersProps) {
  const choices = [{ value: 'all', text: 'All' }, ...STATUSES.map((value) => ({ value, text: value }))];
  return (
    <div class="tasks-filters">
      <Tabs
        label="Status"
        choices={choices}
        value={status}
        onChoose={(value) => setSearch({ status: value === 'all' ? null : value })}
      />
      <label class="field tasks-type">
        <span class="visually-hidden">Event type</span>
        <input
          value={type}
          placeholder="Event type"
          spellcheck={false}
          aria-invalid={error !== undefined}
          aria-describedby="tasks-type-error"
          onChange={(event) => setSearch({ type: event.currentTarget.value.trim() || null })}
        />
      </label>
      <p id="tasks-type-error" class="field-error">
        {error}
      </p>
      {polled.status === 'stale' && (
        <p class="tasks-notice">
          <Badge tone="warning">
            Stale since {formatTime(polled.updatedAt ?? 0, { isUtc: isUtc.value, show: 'time' })}
          </Badge>{' '}
          {polled.error?.reason}
        </p>
      )}
    </div>
  );
}

interface TaskListingProps {
  readonly polled: Polled<Listing>;
  readonly filters: Readonly<Record<string, string>>;
  readonly onRetry: () => void;
  readonly onSubmit: () => void;
}

function TaskListing({ polled, filters, onRetry, onSubmit }: TaskListingProps) {
  const { status, data, error } = polled;
  const isFiltered = Object.keys(filters).length > 0;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section class="tasks-list" aria-label="List of tasks" aria-busy={status === 'loading'} tabIndex={0}>
      {status === 'loading' && <div class="skeleton tasks-skeleton" />}
      {status === 'error' && (
        <EmptyState icon="warning" tone="failure" title="Could not be loaded">
          <p>{error?.reason}</p>
          <Button onClick={onRetry}>Try again</Button>
        </EmptyState>
      )}
      {data !== undefined && data.tasks.length > 0 && <TaskTable tasks={data.tasks} filters={filters} />}
      {data !== undefined && data.tasks.length === 0 && (
        <EmptyState title={isFiltered ? 'No task matches' : 'No tasks yet'}>
          <Button onClick={onSubmit}>Submit a task</Button>
        </EmptyState>
      )}
    </section>
  );
}
