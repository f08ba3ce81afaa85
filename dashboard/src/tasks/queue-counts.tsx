import { useState } from 'preact/hooks';
import type { Queue } from '../api/answers.ts';
import { getJson } from '../api/client.ts';
import { refreshAll, usePolled } from '../api/use-polled.ts';
import { formatDuration, plain } from '../format.ts';
import { announce } from '../ui/announce.tsx';
import { Badge, StatusDot } from '../ui/badge.tsx';
import type { Tone } from '../ui/tone.ts';
import { hrefTo } from '../view.ts';
import { ConfirmDialog } from './confirm-dialog.tsx';

const loadQueue = (signal: AbortSignal) => getJson<Queue>('/api/queue', { signal });

/** Of the queue's states: how the API names them, how a task's status does, and what they look like. */
const COUNTS: readonly (readonly [keyof Queue['tasks'], string, string, Tone])[] = [
  ['waiting', 'queued', 'Waiting', 'neutral'],
  ['active', 'active', 'Active', 'active'],
  ['delayed', 'delayed', 'Delayed', 'warning'],
  ['dead', 'dead', 'Dead', 'failure'],
];

/** How many tasks there are in each state, each a link to them; and the switch of the whole queue. */
export function QueueCounts({ refreshSeconds }: { readonly refreshSeconds: number }) {
  const { polled, refresh } = usePolled({ key: '', load: loadQueue, refreshSeconds });
  /** What was asked for: another may pause or resume it while the question is open. */
  const [asking, setAsking] = useState<'pause' | 'resume' | null>(null);
  const { data, status, error } = polled;
  const isPaused = data?.paused ?? false;
  const change = async () => {
    await getJson(`/api/queue/${asking}`, { method: 'POST' });
    announce(asking === 'resume' ? 'The queue is resumed' : 'The queue is paused');
    refresh();
    refreshAll();
  };
  return (
    <section class="queue-counts" aria-label="Queue">
      <div class="status-tiles">
        {COUNTS.map(([name, taskStatus, text, tone]) => (
          <a key={name} class="tile tile-link" href={hrefTo('/tasks', { status: taskStatus })}>
            <span class="tile-title">{text}</span>
            <span class="tile-value">
              <StatusDot tone={data !== undefined && data.tasks[name] > 0 ? tone : 'neutral'} />
              {data === undefined ? '–' : plain(data.tasks[name])}
            </span>
            <span class="tile-detail">{name === 'waiting' ? oldest(data) : '\u00a0'}</span>
          </a>
        ))}
        <div class="tile">
          <span class="tile-title">Workers</span>
          <span class="tile-value">
            {data === undefined ? '–' : isPaused ? <Badge tone="warning">Paused</Badge> : 'Taking tasks'}
          </span>
          <span class="tile-detail">
            {data !== undefined && (
              <button
                type="button"
                class="text-button"
                onClick={() => setAsking(isPaused ? 'resume' : 'pause')}
              >
                {isPaused ? 'Resume the queue' : 'Pause the queue'}
              </button>
            )}
          </span>
        </div>
      </div>
      {(status === 'error' || status === 'stale') && (
        <p class="tasks-notice">
          <Badge tone="warning">{status === 'stale' ? 'Stale' : 'Unknown'}</Badge> {error?.reason}
        </p>
      )}
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

function oldest(queue: Queue | undefined): string {
  if (queue === undefined || queue.tasks.waiting === 0) return 'none waits';
  return `oldest ${formatDuration(Math.round(queue.oldest_age_seconds))}`;
}
