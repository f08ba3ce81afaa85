import './task-dialog.css';
import { useState } from 'preact/hooks';
import type { TaskDetail } from '../../../../src/shared/http-contract/tasks.ts';
import { lacks } from '../../api/access.ts';
import { getJson } from '../../api/client.ts';
import { refreshAll, useLiveData } from '../../api/use-live-data.ts';
import { formatDuration, formatIsoTime } from '../../format/time.ts';
import { Button } from '../../ui/buttons/button.tsx';
import { CopyButton } from '../../ui/buttons/copy-button.tsx';
import { ConfirmDialog } from '../../ui/dialogs/confirm-dialog.tsx';
import { Dialog } from '../../ui/dialogs/dialog.tsx';
import { announce } from '../../ui/status/announce.tsx';
import { Badge } from '../../ui/status/badge.tsx';
import { EmptyState } from '../../ui/status/empty-state.tsx';
import { Skeleton } from '../../ui/status/skeleton.tsx';
import { isUtc } from '../../view/view.ts';
import { actionsOn, durationsOf, TONES } from './task-status.ts';

export interface TaskDialogProps {
  readonly id: string;
  readonly refreshSeconds: number;
  readonly onClose: () => void;
}

/** One task in full, live, with the actions on it. */
export function TaskDialog({ id, refreshSeconds, onClose }: TaskDialogProps) {
  const path = `/api/tasks/${encodeURIComponent(id)}`;
  const load = (signal: AbortSignal) => getJson<TaskDetail>(path, { signal });
  const { live, refresh } = useLiveData({ key: id, load, refreshSeconds });
  const [action, setAction] = useState<'retry' | 'remove' | null>(null);
  const { data: task, status, error } = live;
  const { retry, remove } =
    task === undefined || lacks('tasks:write') ? { retry: false, remove: null } : actionsOn(task.status);
  return (
    <Dialog
      title={`Task ${id.slice(0, 8)}`}
      size="large"
      onClose={onClose}
      actions={
        <>
          {status === 'stale' && <Badge tone="warning">Stale: {error?.reason}</Badge>}
          {retry && (
            <Button icon="refresh" onClick={() => setAction('retry')}>
              Retry
            </Button>
          )}
          {remove !== null && (
            <Button kind="danger" onClick={() => setAction('remove')}>
              {remove}
            </Button>
          )}
        </>
      }
    >
      {status === 'loading' && <Skeleton class="task-skeleton" />}
      {status === 'error' && (
        <EmptyState icon="warning" tone="failure" title="Could not load the task">
          <p>{error?.reason}</p>
          <Button onClick={refresh}>Try again</Button>
        </EmptyState>
      )}
      {task !== undefined && <TaskFacts task={task} />}
      {action === 'retry' && (
        <ConfirmDialog
          title="Retry this task?"
          confirm="Retry"
          onConfirm={async () => {
            await getJson(`${path}/retry`, { method: 'POST' });
            announce('The task is queued again');
            refresh();
            refreshAll();
          }}
          onClose={() => setAction(null)}
        >
          The task is queued again, with all its attempts to come.
        </ConfirmDialog>
      )}
      {action === 'remove' && (
        <ConfirmDialog
          title={`${remove ?? 'Remove'} this task?`}
          confirm={`${remove ?? 'Remove'} task`}
          kind="danger"
          onConfirm={async () => {
            await getJson(path, { method: 'DELETE' });
            announce('The task is removed');
            onClose();
            refreshAll();
          }}
          onClose={() => setAction(null)}
        >
          This removes the task with its payload and its result. It cannot be undone.
        </ConfirmDialog>
      )}
    </Dialog>
  );
}

function TaskFacts({ task }: { readonly task: TaskDetail }) {
  const { waited, ran } = durationsOf(task);
  const time = (text: string | null) => formatIsoTime(text, isUtc.value);
  const facts: readonly (readonly [string, string])[] = [
    ['Id', task.id],
    ['Event type', task.event_type],
    ['Attempts', `${task.attempts} of ${task.max_attempts}`],
    ['Priority', String(task.priority)],
    ['Created', time(task.created_at)],
    ['Scheduled', time(task.scheduled_at)],
    ['Started', time(task.started_at)],
    ['Finished', time(task.finished_at)],
    ['Waited', formatDuration(waited)],
    ['Ran', formatDuration(ran)],
    ['Trace', task.traceparent ?? '–'],
  ];
  return (
    <>
      <p class="task-state" aria-live="polite">
        <span class="task-state-badge">
          <Badge tone={TONES[task.status]}>{task.status}</Badge>
        </span>
        {isUtc.value ? 'Times in UTC' : 'Times in local time'}
      </p>
      {task.unhandled_since !== null && (
        <p class="task-unhandled">
          No worker that took this task has a handler for its event type. It waits for one since{' '}
          {time(task.unhandled_since)}.
        </p>
      )}
      {task.error !== null && (
        <div class="task-failure">
          <h3>Error of the last failed attempt</h3>
          <pre>{task.error.message}</pre>
        </div>
      )}
      <dl class="task-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Json title="Payload" value={task.payload} />
      {task.status === 'completed' && <Json title="Result" value={task.result} />}
    </>
  );
}

function Json({ title, value }: { readonly title: string; readonly value: unknown }) {
  const text = JSON.stringify(value, null, 2) ?? 'null';
  return (
    <section class="task-json" aria-label={title}>
      <header>
        <h3>{title}</h3>
        <CopyButton what={title.toLowerCase()} text={() => text} />
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <pre tabIndex={0}>{text}</pre>
    </section>
  );
}
