import './workers-page.css';
import type { WorkerList } from '../../../src/shared/http-contract/workers.ts';
import { MissingScope } from '../access/missing-scope.tsx';
import { lacks } from '../api/access.ts';
import { getJson } from '../api/client.ts';
import type { LiveData } from '../api/poller.ts';
import { useLiveData } from '../api/use-live-data.ts';
import { plain } from '../format/quantity.ts';
import { visibleText } from '../format/visible-text.ts';
import { Button } from '../ui/buttons/button.tsx';
import { EmptyState } from '../ui/status/empty-state.tsx';
import { Freshness } from '../ui/status/freshness.tsx';
import { Skeleton } from '../ui/status/skeleton.tsx';
import { view } from '../view/view.ts';
import { WorkerCard } from './worker-card.tsx';

/** Tasks begin and end faster than charts change. */
const SLOWEST_REFRESH_SECONDS = 5;

const loadWorkers = (signal: AbortSignal) => getJson<WorkerList>('/api/workers', { signal });

/** The workers of the queue: what each runs and since when, and which stopped or vanished in the last hour. */
export function WorkersPage() {
  return <div class="workers">{lacks('tasks:read') ? <HiddenWorkers /> : <VisibleWorkers />}</div>;
}

function HiddenWorkers() {
  return (
    <>
      <h1>Workers</h1>
      <MissingScope scope="tasks:read" />
    </>
  );
}

function VisibleWorkers() {
  const refreshSeconds = Math.min(view.value.refreshSeconds, SLOWEST_REFRESH_SECONDS);
  const { live, refresh } = useLiveData({ key: '', load: loadWorkers, refreshSeconds });
  return (
    <>
      <header class="workers-head">
        <h1>Workers</h1>
        <Freshness of={[live]} />
      </header>
      {live.data !== undefined && <p class="workers-summary">{summaryOf(live.data)}</p>}
      <Workers live={live} onRetry={refresh} />
    </>
  );
}

function Workers({
  live: { status, data, error },
  onRetry,
}: {
  readonly live: LiveData<WorkerList>;
  readonly onRetry: () => void;
}) {
  if (status === 'loading') return <Skeleton class="workers-skeleton" />;
  if (data === undefined) {
    return (
      <EmptyState icon="warning" tone="failure" title="Could not load the workers">
        <p>{error?.reason}</p>
        <Button onClick={onRetry}>Try again</Button>
      </EmptyState>
    );
  }
  if (data.workers.length === 0) {
    return (
      <EmptyState title="No worker was seen in the last hour">
        <p>
          Workers announce themselves every 10 s, under the same REDIS_URL and QUEUE_PREFIX as this
          orchestrator.
        </p>
      </EmptyState>
    );
  }
  return (
    <ul class="workers-list" aria-label="List of workers">
      {data.workers.map((worker) => (
        <WorkerCard key={worker.id} worker={worker} />
      ))}
    </ul>
  );
}

/** Such as: 2 workers are live, with 3 of 20 slots busy. 1 vanished in the last hour. Several queues are told apart. */
function summaryOf({ workers, unassigned }: WorkerList): string {
  const inState = (state: string) => workers.filter((worker) => worker.state === state);
  const live = [...inState('running'), ...inState('draining')];
  const slots = live.reduce((sum, worker) => sum + worker.slots, 0);
  const busy = live.reduce((sum, worker) => sum + worker.active.length, 0);
  const vanished = inState('vanished').length;
  return [
    live.length === 0
      ? 'No worker is live: tasks wait until one starts.'
      : `${count(live.length, 'worker is', 'workers are')} live, with ${plain(busy)} of ${count(slots, 'slot', 'slots')} busy${byQueue(live)}.`,
    vanished > 0 && `${plain(vanished)} vanished in the last hour.`,
    unassigned > 0 &&
      `${count(unassigned, 'active task belongs', 'active tasks belong')} to workers that are not listed.`,
  ]
    .filter((sentence) => sentence !== false)
    .join(' ');
}

/** Such as ` (gpu: 5 of 5, tasks: 0 of 8)`; empty if there is one queue. */
function byQueue(workers: WorkerList['workers']): string {
  const all = new Map<string, { slots: number; busy: number }>();
  for (const { queues, active } of workers) {
    for (const { queue, slots } of queues) {
      const before = all.get(queue) ?? { slots: 0, busy: 0 };
      const busy = active.filter((task) => task.queue === queue).length;
      all.set(queue, { slots: before.slots + slots, busy: before.busy + busy });
    }
  }
  if (all.size < 2) return '';
  const texts = [...all].map(
    ([queue, { slots, busy }]) => `${visibleText(queue)}: ${plain(busy)} of ${plain(slots)}`,
  );
  return ` (${texts.sort().join(', ')})`;
}

const count = (number: number, one: string, many: string) => `${plain(number)} ${number === 1 ? one : many}`;
