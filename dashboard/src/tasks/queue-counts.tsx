import './queue-counts.css';
import { useState } from 'preact/hooks';
import type { QueueState } from '../../../src/shared/http-contract/queue.ts';
import { lacks } from '../api/access.ts';
import { getJson } from '../api/client.ts';
import { type Pace, refreshAll, useLiveData } from '../api/use-live-data.ts';
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

const anyEvent = () => true;

export const useQueue = (pace: Pace) =>
  useLiveData({ key: '', load: loadQueue, ...pace, every: 2, concerns: anyEvent });

/**
 * The states of the queue: the API's name, the task status, the title, and the tone of a number above 0. Blocked tasks
 * are shown only where there are some.
 */
const COUNTS: readonly (readonly [keyof QueueState['tasks'], string, string, Tone])[] = [
  ['waiting', 'queued', 'Waiting', 'neutral'],
  ['active', 'active', 'Active', 'active'],
  ['delayed', 'delayed', 'Delayed', 'neutral'],
  ['blocked', 'blocked', 'Blocked', 'neutral'],
  ['dead', 'dead', 'Dead', 'failure'],
];

export interface QueueCountsProps {
  /** Undefined while it is not known. */
  readonly queue: QueueState | undefined;
  /** The one queue that is shown; undefined: all. */
  readonly name: string | undefined;
  /** Called after the queue was paused or resumed. */
  readonly onChange: () => void;
}

/** Returns the state of one queue, in the form of that of all; undefined while it is not known. */
export function stateOf(all: QueueState | undefined, name: string | undefined): QueueState | undefined {
  if (all === undefined || name === undefined) return all;
  const one = all.queues?.find(({ queue }) => queue === name);
  return one && { ...all, ...one, queues: [one] };
}

/** How many tasks are in each state, as links to them, and the button that pauses or resumes the queue. */
export function QueueCounts({ queue, name, onChange }: QueueCountsProps) {
  /** The action that the dialog confirms. It is kept: someone else may pause or resume the queue meanwhile. */
  const [action, setAction] = useState<'pause' | 'resume' | null>(null);
  const isSeveral = name === undefined && (queue?.queues?.length ?? 0) > 1;
  const subject = isSeveral ? 'All queues' : name === undefined ? 'The queue' : `The queue ${name}`;
  const object = subject.charAt(0).toLowerCase() + subject.slice(1);
  const links = name === undefined ? {} : { queue: name };
  const change = async () => {
    const one = name === undefined ? '' : `?queue=${encodeURIComponent(name)}`;
    await getJson(`/api/queue/${action}${one}`, { method: 'POST' });
    announce(`${subject} ${isSeveral ? 'are' : 'is'} ${action === 'resume' ? 'resumed' : 'paused'}`);
    onChange();
    refreshAll();
  };
  return (
    <section aria-label="Queue">
      <Tiles class="queue-tiles">
        {COUNTS.filter(([state]) => state !== 'blocked' || queue?.tasks.blocked).map(
          ([state, taskStatus, text, tone]) => (
            <a key={state} class="tile tile-link" href={hrefTo('/tasks', { status: taskStatus, ...links })}>
              <span class="tile-title">{text}</span>
              <CountValue count={queue?.tasks[state]} tone={tone} />
              <span class="tile-detail">{state === 'waiting' && oldest(queue)}</span>
            </a>
          ),
        )}
        <WorkersTile queue={queue} object={object} onAsk={setAction} />
      </Tiles>
      {action !== null && (
        <ConfirmDialog
          title={`${action === 'resume' ? 'Resume' : 'Pause'} ${object}?`}
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
  /** What the button pauses, in words. */
  readonly object: string;
  readonly queue: QueueState | undefined;
  readonly onAsk: (what: 'pause' | 'resume') => void;
}

function WorkersTile({ queue, object, onAsk }: WorkersTileProps) {
  const isPaused = queue?.paused ?? false;
  return (
    <div class="tile">
      <a class="tile-title" href={hrefTo('/workers')}>
        Workers
      </a>
      <span class="tile-value">{queue === undefined ? '–' : <WorkersState queue={queue} />}</span>
      <span class="tile-detail">
        {queue !== undefined && !lacks('queue:admin') && (
          <TextButton onClick={() => onAsk(isPaused ? 'resume' : 'pause')}>
            {isPaused ? 'Resume' : 'Pause'} {object}
          </TextButton>
        )}
      </span>
    </div>
  );
}

function WorkersState({ queue: { paused, workers, queues = [] } }: { readonly queue: QueueState }) {
  if (paused) return <Badge tone="warning">Paused</Badge>;
  const pausedCount = queues.filter((each) => each.paused).length;
  if (pausedCount > 0)
    return (
      <Badge tone="warning">
        {pausedCount} of {queues.length} paused
      </Badge>
    );
  return workers === 0 ? <Badge tone="failure">None live</Badge> : <>{plain(workers)} live</>;
}

/** Empty while the queue is not known: unknown is not none. */
function oldest(queue: QueueState | undefined): string {
  if (queue === undefined) return '';
  if (queue.tasks.waiting === 0) return 'none waits';
  return `oldest ${formatDuration(Math.round(queue.oldest_age_seconds))}`;
}
