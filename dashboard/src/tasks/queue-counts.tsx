import './queue-counts.css';
import { useState } from 'preact/hooks';
import type { QueueState } from '../../../src/shared/http-contract/queue.ts';
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

/** Of the queue's states: how the API names them, how a task's status does, and what a number of them means. */
const COUNTS: readonly (readonly [keyof QueueState['tasks'], string, string, Tone])[] = [
  ['waiting', 'queued', 'Waiting', 'neutral'],
  ['active', 'active', 'Active', 'active'],
  ['delayed', 'delayed', 'Delayed', 'neutral'],
  ['dead', 'dead', 'Dead', 'failure'],
];

export interface QueueCountsProps {
  /** Undefined: not known. */
  readonly queue: QueueState | undefined;
  /** Called when the queue was paused or resumed. */
  readonly onChange: () => void;
}

/** How many tasks there are in each state, each a link to them; and the switch of the whole queue. */
export function QueueCounts({ queue, onChange }: QueueCountsProps) {
  /** What was asked for: another may pause or resume it while the question is open. */
  const [asking, setAsking] = useState<'pause' | 'resume' | null>(null);
  const change = async () => {
    await getJson(`/api/queue/${asking}`, { method: 'POST' });
    announce(asking === 'resume' ? 'The queue is resumed' : 'The queue is paused');
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
        <WorkersTile queue={queue} onAsk={setAsking} />
      </Tiles>
      {asking !== null && (
        <ConfirmDialog
          title={asking === 'resume' ? 'Resume the queue?' : 'Pause the queue?'}
          confirm={asking === 'resume' ? 'Resume' : 'Pause'}
          onConfirm={change}
          onClose={() => setAsking(null)}
        >
          {asking === 'resume'
            ? 'Workers will take tasks again.'
            : 'Workers will take no more tasks. What runs goes on, and submissions are accepted.'}
        </ConfirmDialog>
      )}
    </section>
  );
}

/** A mark only where a number means something: the neutral one beside a number would read as a minus. */
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
        {queue !== undefined && (
          <TextButton onClick={() => onAsk(isPaused ? 'resume' : 'pause')}>
            {isPaused ? 'Resume the queue' : 'Pause the queue'}
          </TextButton>
        )}
      </span>
    </div>
  );
}

/** Nothing while the queue is not known: what cannot be said is not `none`. */
function oldest(queue: QueueState | undefined): string {
  if (queue === undefined) return '';
  if (queue.tasks.waiting === 0) return 'none waits';
  return `oldest ${formatDuration(Math.round(queue.oldest_age_seconds))}`;
}
