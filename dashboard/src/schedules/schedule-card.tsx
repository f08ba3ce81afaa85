import './schedule-card.css';
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Schedule, ScheduleDetail } from '../../../src/shared/http-contract/schedules.ts';
import { lacks } from '../api/access.ts';
import { plain } from '../format/quantity.ts';
import { formatDuration, formatIsoTime } from '../format/time.ts';
import { visibleText } from '../format/visible-text.ts';
import { TONES } from '../tasks/task/task-status.ts';
import { Button } from '../ui/buttons/button.tsx';
import { ConfirmDialog } from '../ui/dialogs/confirm-dialog.tsx';
import { announce } from '../ui/status/announce.tsx';
import { Badge } from '../ui/status/badge.tsx';
import { hrefTo, isUtc } from '../view/view.ts';
import { SCHEDULE_ACTIONS, type ScheduleAction } from './schedule-actions.ts';

export interface ScheduleCardProps {
  readonly schedule: Schedule | ScheduleDetail;
  /** Called after it was changed. */
  readonly onChange: () => void;
}

/** One recurring task: when it is due, what it made last, and what the operator can do to it. */
export function ScheduleCard({ schedule, onChange }: ScheduleCardProps) {
  const { id, event_type, source, paused, problem, next_run_at, last_run, runs, missed } = schedule;
  const [asked, setAsked] = useState<ScheduleAction | null>(null);
  const time = (text: string | null) => formatIsoTime(text, isUtc.value);
  const act = async (action: ScheduleAction) => {
    const { send, done } = SCHEDULE_ACTIONS[action];
    await send(id);
    announce(done);
    onChange();
  };
  return (
    <li class="schedule-card">
      <h2 class="schedule-name">
        <a href={hrefTo(`/schedules/${encodeURIComponent(id)}`)}>{visibleText(id)}</a>
      </h2>
      <span class="schedule-state">{stateOf(schedule)}</span>
      {problem !== null && <p class="schedule-problem">It makes no tasks: {visibleText(problem)}</p>}
      <dl class="schedule-facts">
        <Fact name="When">{whenOf(schedule)}</Fact>
        <Fact name="Event type">{visibleText(event_type) || '–'}</Fact>
        <Fact name={`Next${isUtc.value ? ' (UTC)' : ''}`}>{time(next_run_at)}</Fact>
        <Fact name={`Last${isUtc.value ? ' (UTC)' : ''}`}>
          {last_run === null ? (
            'none yet'
          ) : (
            <span class="schedule-last">
              <a href={hrefTo(`/tasks/${encodeURIComponent(last_run.task_id)}`)}>
                {time(last_run.queued_at)}
              </a>
              {last_run.status === null ? (
                'removed'
              ) : (
                <Badge tone={TONES[last_run.status]}>{last_run.status}</Badge>
              )}
            </span>
          )}
        </Fact>
        <Fact name="Runs">
          {plain(runs)}
          {missed > 0 && `, ${plain(missed)} missed`}
        </Fact>
        <Fact name="Made by">{source === 'handlers' ? 'the handlers' : 'a request'}</Fact>
      </dl>
      {'payload' in schedule && (
        <pre class="schedule-payload">{visibleText(JSON.stringify(schedule.payload, null, 2))}</pre>
      )}
      {!lacks('tasks:write') && (
        <div class="schedule-actions">
          <Button isDisabled={problem !== null} onClick={() => setAsked('run')}>
            Run now
          </Button>
          <Button isDisabled={problem !== null} onClick={() => setAsked(paused ? 'resume' : 'pause')}>
            {paused ? 'Resume' : 'Pause'}
          </Button>
          <Button kind="danger" onClick={() => setAsked('remove')}>
            Remove
          </Button>
        </div>
      )}
      {asked !== null && (
        <ConfirmDialog
          title={`${SCHEDULE_ACTIONS[asked].confirm}: ${id}`}
          confirm={SCHEDULE_ACTIONS[asked].confirm}
          kind={asked === 'remove' ? 'danger' : 'primary'}
          onConfirm={() => act(asked)}
          onClose={() => setAsked(null)}
        >
          {SCHEDULE_ACTIONS[asked].means}
          {asked === 'remove' && source === 'handlers' && ' While a worker declares it, it is made again.'}
        </ConfirmDialog>
      )}
    </li>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function stateOf({ problem, paused }: Schedule) {
  if (problem !== null) return <Badge tone="failure">unreadable</Badge>;
  return paused ? <Badge tone="neutral">paused</Badge> : <Badge tone="success">running</Badge>;
}

/** Such as: 0 6 * * 1-5 in Europe/Berlin; every 5 min. */
export function whenOf({
  cron,
  every_ms,
  time_zone,
}: Pick<Schedule, 'cron' | 'every_ms' | 'time_zone'>): string {
  if (every_ms !== null) return `every ${formatDuration(every_ms / 1000)}`;
  return cron === null ? '–' : `${visibleText(cron)} in ${visibleText(time_zone ?? 'UTC')}`;
}
