import './worker-card.css';
import type { ComponentChildren } from 'preact';
import type { WorkerDetail } from '../../../src/shared/http-contract/workers.ts';
import { plain } from '../format/quantity.ts';
import { formatAgo, formatIsoTime } from '../format/time.ts';
import { visibleText } from '../format/visible-text.ts';
import { Badge } from '../ui/status/badge.tsx';
import { Elapsed } from '../ui/status/elapsed.tsx';
import type { Tone } from '../ui/status/tone.ts';
import { hrefTo, isUtc } from '../view/view.ts';

const TONES: Readonly<Record<WorkerDetail['state'], Tone>> = {
  running: 'success',
  draining: 'active',
  stopped: 'neutral',
  vanished: 'failure',
};
/** More tasks than these are counted only. */
const MAX_SHOWN = 10;

/** One worker process: where it is, since when, and what it runs. */
export function WorkerCard({ worker }: { readonly worker: WorkerDetail }) {
  const { state, active, last_seen, since, slots } = worker;
  const isOver = state === 'stopped' || state === 'vanished';
  const hidden = active.length - MAX_SHOWN;
  return (
    <li class={`worker-card${isOver ? ' worker-over' : ''}`}>
      <h2 class="worker-name" title={visibleText(worker.id)}>
        <bdi>{visibleText(worker.host)}</bdi> <span class="worker-pid">process {worker.pid}</span>
      </h2>
      <span class="worker-state">
        <Badge tone={TONES[state]}>{state}</Badge>
      </span>
      <dl class="worker-facts">
        <Fact name="Busy">
          {plain(active.length)} of {plain(slots)} {slots === 1 ? 'slot' : 'slots'}
        </Fact>
        <Queues worker={worker} />
        <Fact name="Version">{visibleText(worker.version)}</Fact>
        <Fact name={`Since${isUtc.value ? ' (UTC)' : ''}`}>{formatIsoTime(since, isUtc.value)}</Fact>
        <Fact name="Last seen">{formatAgo(secondsSince(last_seen))}</Fact>
        <Fact name="Event types">
          <span title={visibleText(worker.event_types.join('\n'))}>{plain(worker.event_types.length)}</span>
        </Fact>
      </dl>
      {active.length > 0 && (
        <ul class="worker-tasks" aria-label={`Tasks of process ${worker.pid}`}>
          {active.slice(0, MAX_SHOWN).map(({ id, event_type, started_at }) => (
            <li key={id}>
              <a href={hrefTo(`/tasks/${encodeURIComponent(id)}`)}>
                <bdi>{visibleText(event_type)}</bdi>
              </a>
              {started_at !== null && (
                <span class="worker-elapsed">
                  for <Elapsed since={started_at} />
                </span>
              )}
            </li>
          ))}
          {hidden > 0 && <li>and {plain(hidden)} more</li>}
        </ul>
      )}
    </li>
  );
}

/** The queues that a worker takes tasks from, unless it is only that which all tasks are in by default. */
function Queues({ worker: { queues, active } }: { readonly worker: WorkerDetail }) {
  if (queues.length < 2) {
    const queue = queues[0]?.queue ?? DEFAULT_QUEUE;
    return queue === DEFAULT_QUEUE ? null : <Fact name="Queue">{visibleText(queue)}</Fact>;
  }
  return (
    <div>
      <dt>Busy by queue</dt>
      {queues.map(({ queue, slots }) => (
        <dd key={queue}>
          <bdi>{visibleText(queue)}</bdi>: {plain(active.filter((task) => task.queue === queue).length)} of{' '}
          {plain(slots)}
        </dd>
      ))}
    </div>
  );
}

const DEFAULT_QUEUE = 'tasks';

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** This computer's clock may be behind Redis's. */
const secondsSince = (iso: string) => Math.max(0, (Date.now() - Date.parse(iso)) / 1000);
