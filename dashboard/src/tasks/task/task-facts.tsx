import './task-facts.css';
import type { ComponentChildren } from 'preact';
import type { TaskDetail } from '../../../../src/shared/http-contract/tasks.ts';
import { lacks } from '../../api/access.ts';
import { formatDuration, formatIsoTime } from '../../format/time.ts';
import { visibleText } from '../../format/visible-text.ts';
import { Badge } from '../../ui/status/badge.tsx';
import { Elapsed } from '../../ui/status/elapsed.tsx';
import { hrefAt, hrefTo, isUtc } from '../../view/view.ts';
import { chartsOf } from './task-charts.ts';
import { durationsOf, TONES } from './task-status.ts';

/** What is known of a task besides its payload and its result. */
export function TaskFacts({ task }: { readonly task: TaskDetail }) {
  const { waited, ran } = durationsOf(task);
  const charts = chartsOf(task, Math.floor(Date.now() / 1000));
  const isRunning = task.status === 'active' && task.started_at !== null;
  const waitsSince = task.status === 'queued' ? task.due_at : null;
  const time = (text: string | null) => formatIsoTime(text, isUtc.value);
  const facts: readonly (readonly [string, ComponentChildren])[] = [
    ['Id', <bdi key="id">{visibleText(task.id)}</bdi>],
    ['Event type', <bdi key="type">{visibleText(task.event_type)}</bdi>],
    ...(task.queue === 'tasks' ? [] : [['Queue', visibleText(task.queue)] as const]),
    ['Attempts', `${task.attempts} of ${task.max_attempts}`],
    ['Priority', String(task.priority)],
    ['Created', time(task.created_at)],
    ['Due', time(task.due_at)],
    ['Started', time(task.started_at)],
    ['Finished', time(task.finished_at)],
    ['Waited', waitsSince === null ? formatDuration(waited) : <Elapsed since={waitsSince} />],
    ['Ran', isRunning ? <Elapsed since={task.started_at ?? ''} /> : formatDuration(ran)],
    ...(task.progress === null
      ? []
      : [['Progress', <Progress key="progress" value={task.progress} />] as const]),
    ...(task.schedule === null
      ? []
      : [['Schedule', <ScheduleLink key="schedule" {...task.schedule} />] as const]),
    ['Worker', <bdi key="worker">{visibleText(task.worker ?? '–')}</bdi>],
    ['Trace', visibleText(task.traceparent ?? '–')],
  ];
  return (
    <>
      <p class="task-state" aria-live="polite">
        <span class="task-state-badge">
          <Badge tone={TONES[task.status]}>{task.status}</Badge>
        </span>
        {isUtc.value ? 'Times in UTC' : 'Times in local time'}
        {charts !== undefined && !lacks('metrics:read') && (
          <a href={hrefAt('/', charts.window, charts.mark)}>Charts at this time</a>
        )}
      </p>
      {task.paused && (
        <p class="task-waits">
          Its event type is paused since {time(task.paused.since)} by <bdi>{visibleText(task.paused.by)}</bdi>
          . It waits for the resume.
        </p>
      )}
      {task.unhandled_since !== null && (
        <p class="task-waits">
          No worker that took this task has a handler for its event type. It waits for one since{' '}
          {time(task.unhandled_since)}.
        </p>
      )}
      {task.error !== null && (
        <div class="task-failure">
          <h3>Error of the last failed attempt</h3>
          <pre>
            <bdi>{visibleText(task.error.message)}</bdi>
          </pre>
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
    </>
  );
}

/** Leads to the schedule that made the task. */
function ScheduleLink({ id, due_at }: NonNullable<TaskDetail['schedule']>) {
  return (
    <>
      <a href={hrefTo(`/schedules/${encodeURIComponent(id)}`)}>{visibleText(id)}</a>
      {due_at !== null && `, due ${formatIsoTime(due_at, isUtc.value)}`}
    </>
  );
}

/** Handlers report any JSON. */
function Progress({ value }: { readonly value: unknown }) {
  return <bdi>{visibleText(typeof value === 'string' ? value : JSON.stringify(value))}</bdi>;
}
