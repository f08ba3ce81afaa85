import './task-dialog.css';
import { useMemo, useState } from 'preact/hooks';
import type { BulkAction } from '../../../../src/shared/http-contract/bulk.ts';
import type { TaskDetail } from '../../../../src/shared/http-contract/tasks.ts';
import { lacks } from '../../api/access.ts';
import { currentToken } from '../../api/token.ts';
import { refreshAll } from '../../api/use-live-data.ts';
import { visibleText } from '../../format/visible-text.ts';
import { lazyDialog } from '../../lazy/lazy-dialog.tsx';
import { Button } from '../../ui/buttons/button.tsx';
import { CopyButton } from '../../ui/buttons/copy-button.tsx';
import { ConfirmDialog } from '../../ui/dialogs/confirm-dialog.tsx';
import { Dialog } from '../../ui/dialogs/dialog.tsx';
import { announce } from '../../ui/status/announce.tsx';
import { Badge } from '../../ui/status/badge.tsx';
import { EmptyState } from '../../ui/status/empty-state.tsx';
import { Skeleton } from '../../ui/status/skeleton.tsx';
import { ACTIONS_ON, WORDING } from '../bulk/bulk-actions.ts';
import { formatCurl } from '../curl-command.ts';
import { hasPayload, TASK_ACTIONS } from './task-actions.ts';
import { TaskFacts } from './task-facts.tsx';
import { TaskFlow } from './task-flow.tsx';
import { formOf, requestOf } from './task-form.ts';
import { TaskHistoryList, TaskLogList } from './task-history.tsx';
import { TaskJson } from './task-json.tsx';
import { useTask } from './use-task.ts';

const SubmitDialog = lazyDialog(() => import('./submit-dialog.tsx').then((module) => module.SubmitDialog));

export interface TaskDialogProps {
  readonly id: string;
  readonly refreshSeconds: number;
  readonly onClose: () => void;
}

/** One task in full, live, with the actions on it. */
export function TaskDialog({ id, refreshSeconds, onClose }: TaskDialogProps) {
  const path = `/api/tasks/${encodeURIComponent(id)}`;
  const { live, refresh, isGone, history, logs } = useTask(path, refreshSeconds);
  const [asked, setAsked] = useState<BulkAction | 'submit' | null>(null);
  const [done, setDone] = useState('');
  const { data: task, status, error } = live;
  // Once, and not with each refresh.
  const copy = useMemo(() => (asked === 'submit' && task !== undefined ? formOf(task) : undefined), [asked]);
  const unknown = [history, logs].find((part) => part.status === 'error' && part.error?.status !== 404);
  const act = async (action: BulkAction) => {
    const { send, done: describe } = TASK_ACTIONS[action];
    const text = describe(await send(path));
    announce(text);
    setDone(text);
    refreshAll();
  };
  return (
    <Dialog
      title={`Task ${visibleText(id.slice(0, 8))}`}
      size="large"
      onClose={onClose}
      actions={status === 'stale' && !isGone && <Badge tone="warning">Stale: {error?.reason}</Badge>}
    >
      {status === 'loading' && <Skeleton class="task-skeleton" />}
      {status === 'error' && (
        <EmptyState
          icon="warning"
          tone="failure"
          title={isGone ? 'There is no such task' : 'Could not load the task'}
        >
          <p>{error?.reason}</p>
          <Button onClick={refresh}>Try again</Button>
        </EmptyState>
      )}
      {task !== undefined && (
        <>
          <div class="task-actions">
            <TaskActions task={task} isGone={isGone} onAsk={setAsked} />
          </div>
          <p class="task-done" role="status">
            {done !== '' && <Badge tone="success">{done}</Badge>}
            {isGone && (
              <>
                <Badge tone="warning">Gone</Badge> It was removed, or its time is over. This is what was known
                last.
              </>
            )}
          </p>
          <TaskFacts task={task} />
          <TaskFlow task={task} />
          {unknown !== undefined && <p role="alert">Attempts or log are unknown: {unknown.error?.reason}</p>}
          {history.data !== undefined && <TaskHistoryList history={history.data} />}
          {logs.data !== undefined && <TaskLogList lines={logs.data.lines} />}
          <TaskJson title="Payload" value={task.payload} fileName={`${id}-payload.json`} />
          {task.status === 'completed' && (
            <TaskJson title="Result" value={task.result} fileName={`${id}-result.json`} />
          )}
        </>
      )}
      {copy !== undefined && <SubmitDialog title="Run again" initial={copy} onClose={() => setAsked(null)} />}
      {asked !== null && asked !== 'submit' && (
        <ConfirmDialog
          title={TASK_ACTIONS[asked].question}
          confirm={TASK_ACTIONS[asked].confirm}
          kind={TASK_ACTIONS[asked].isDangerous ? 'danger' : 'primary'}
          onConfirm={() => act(asked)}
          onClose={() => setAsked(null)}
        >
          {TASK_ACTIONS[asked].means}
        </ConfirmDialog>
      )}
    </Dialog>
  );
}

interface TaskActionsProps {
  readonly task: TaskDetail;
  readonly isGone: boolean;
  readonly onAsk: (action: BulkAction | 'submit') => void;
}

/** What the operator can do to a task with its status, or with a copy of it. */
function TaskActions({ task, isGone, onAsk }: TaskActionsProps) {
  const mayWrite = !lacks('tasks:write');
  const actions = mayWrite && !isGone ? ACTIONS_ON[task.status] : [];
  return (
    <>
      {actions.map((action) => (
        <Button
          key={action}
          kind={TASK_ACTIONS[action].isDangerous ? 'danger' : 'plain'}
          onClick={() => onAsk(action)}
        >
          {WORDING[action].verb}
        </Button>
      ))}
      {hasPayload(task) && (
        <>
          {mayWrite && <Button onClick={() => onAsk('submit')}>Run again</Button>}
          <CopyButton
            kind="plain"
            what="as curl"
            text={() =>
              formatCurl(requestOf(task), {
                origin: window.location.origin,
                needsToken: currentToken() !== null,
              })
            }
          />
        </>
      )}
    </>
  );
}
