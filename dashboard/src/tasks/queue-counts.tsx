import './queue-counts.css';
import { useState } from 'preact/hooks';
import type { QueueState } from '../../../src/shared/http-contract/queue.ts';
import { lacks } from '../api/access.ts';
import { getJson } from '../api/client.ts';
import { refreshAll, useLiveData } from '../api/use-live-data.ts';
import { plain } from '../format/quantity.ts';
import { formatDuration } from '../format/time.ts';
import { lazyDialog } from '../lazy/lazy-dialog.tsx';
import { TextButton } from '../ui/buttons/button.tsx';
import { announce } from '../ui/status/announce.tsx';
import { Badge, StatusDot } from '../ui/status/badge.tsx';
import { Tiles } from '../ui/status/tile.tsx';
import type { Tone } from '../ui/status/tone.ts';
import { hrefTo } from '../view/view.ts';

const ConfirmDialog = lazyDialog(() =>
  import('../ui/dialogs/confirm-dialog.tsx').then((module) => module.ConfirmDialog),
);

const loadQueue = (signal: AbortSignal) => getJson<QueueState>('/api/queue', { signal });

export const useQueue = (refreshSeconds: number) => useLiveData({ key: '', load: loadQueue, refreshSeconds });

/** The states of the queue: the API's name, the task status, the title, and the tone of a number above 0. */
const COUNTS: readonly (readonly [keyof QueueState['tasks'], string, string, Tone])[] = [
  ['waiting', 'queued', 'Waiting', 'neutral'],
  ['active', 'active', 'Active', 'active'],
  ['delayed', 'delayed', 'Delayed', 'neutral'],
  ['dead', 'dead', 'Dead', 'failure'],
];

export interface QueueCountsProps {
  /** Undefined while it is not known. */
  readonly queue: QueueState | undefined;
  /** Called after the queue was paused or resumed. */
  readonly onChange: () => void;
}

/** How many tasks are in each state, as links to them, and the button that pauses or resumes the queue. */
export function QueueCounts({ queue, onChange }: QueueCountsProps) {
  /** The action that the dialog confirms. It is kept: someone else may pause or resume the queue meanwhile. */
  const [action, setAction] = useState<'pause' | 'resume' | null>(null);
  const change = async () => {
    await getJson(`/api/queue/${action}`, { method: 'POST' });
    announce(action === 'resume' ? 'The queue is resumed' : 'The queue is paused');
    onChange();
    refreshAll();
  };
  return (
    <section aria-label="Queue">
      <Tiles class="queue-tiles">
        {COUNTS.map(([name, taskStatus, text, tone]) => (
          <a key={name} class="tile tile-link" href={hrefTo('/tasks', { status: taskStatus })}>
            <span class="tile-title">{text}</span>
            <CountValue count={queue?.tasks[name]} tone={tone} />
            <span class="tile-detail">{name === 'waiting' && oldest(queue)}</span>
          </a>
        ))}
        <WorkersTile queue={queue} onAsk={setAction} />
      </Tiles>
      {action !== null && (
        <ConfirmDialog
          title={action === 'resume' ? 'Resume the queue?' : 'Pause the queue?'}
          confirm={action === 'resume' ? 'Resume' : 'Pause'}
          onConfirm={change}
          onClose={() => setAction(null)}
        >
          {action === 'resume'
            ? 'Workers will take tasks again.'
            : 'Workers will take no more tasks. Tasks that run go on, and the orchestrator still accepts tasks.'}
        </ConfirmDialog>
      )}
    </section>
  );
}

/** A dot only beside a number that means something: a neutral dot would read as a minus. */
function CountValue({ count, tone }: { readonly count: number | undefined; readonly tone: Tone }) {
  return (
    <span class="tile-value">
      {count !== undefined && count > 0 && tone !== 'neutral' && <StatusDot tone={tone} />}
      {count === undefined ? '–' : plain(count)}
    </span>
  );
}

interface WorkersTileProps {
  readonly queue: QueueState | undefined;
  readonly onAsk: (what: 'pause' | 'resume') => void;
}

function WorkersTile({ queue, onAsk }: WorkersTileProps) {
  const isPaused = queue?.paused ?? false;
  return (
    <div class="tile">
      <span class="tile-title">Workers</span>
      <span class="tile-value">
        {queue === undefined ? '–' : isPaused ? <Badge tone="warning">Paused</Badge> : 'Taking tasks'}
      </span>
      <span class="tile-detail">
        {queue !== undefined && !lacks('queue:admin') && (
          <TextButton onClick={() => onAsk(isPaused ? 'resume' : 'pause')}>
            {isPaused ? 'Resume the queue' : 'Pause the queue'}
          </TextButton>
        )}
      </span>
    </div>
  );
}

/** Empty while the queue is not known: unknown is not none. */
function oldest(queue: QueueState | undefined): string {
  if (queue === undefined) return '';
  if (queue.tasks.waiting === 0) return 'none waits';
  return `oldest ${formatDuration(Math.round(queue.oldest_age_seconds))}`;
}
