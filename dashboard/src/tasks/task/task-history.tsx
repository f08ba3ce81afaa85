import './task-history.css';
import type {
  AttemptOutcome,
  TaskAttempt,
  TaskChange,
  TaskHistory,
  TaskLogLine,
} from '../../../../src/shared/http-contract/task-history.ts';
import { formatDuration, formatIsoTime, formatTime } from '../../format/time.ts';
import { visibleText } from '../../format/visible-text.ts';
import { Badge } from '../../ui/status/badge.tsx';
import { Elapsed } from '../../ui/status/elapsed.tsx';
import type { Tone } from '../../ui/status/tone.ts';
import { isUtc } from '../../view/view.ts';

const OUTCOMES: Readonly<Record<AttemptOutcome, { readonly text: string; readonly tone: Tone }>> = {
  active: { text: 'runs', tone: 'active' },
  completed: { text: 'completed', tone: 'success' },
  failed: { text: 'failed', tone: 'failure' },
  timed_out: { text: 'timed out', tone: 'failure' },
  put_back: { text: 'put back', tone: 'neutral' },
  stalled: { text: 'stalled', tone: 'warning' },
};

const CHANGES: Readonly<Record<string, string>> = {
  'task.retry': 'Retried',
  'task.cancel': 'Cancelled',
  'task.run': 'Made due now',
};

/** Later than any time. */
const NOT_YET = '~';

/** The attempts at a task, and who changed it. An attempt stands where it ended: it may begin in the millisecond of a retry. */
export function TaskHistoryList({ history: { attempts, changes } }: { readonly history: TaskHistory }) {
  if (attempts.length + changes.length === 0) return null;
  const entries = [
    ...changes.map((change) => ({ until: change.at ?? '', shown: <Change change={change} /> })),
    ...attempts.map((attempt) => ({
      until: attempt.ended_at ?? NOT_YET,
      shown: <Attempt attempt={attempt} />,
    })),
  ].toSorted((a, b) => (a.until < b.until ? -1 : a.until > b.until ? 1 : 0));
  return (
    <section aria-label="Attempts">
      <h3 class="task-part">Attempts</h3>
      <ol class="task-attempts">
        {entries.map(({ until, shown }, i) => (
          <li key={`${until} ${i}`}>{shown}</li>
        ))}
      </ol>
    </section>
  );
}

function Attempt({ attempt }: { readonly attempt: TaskAttempt }) {
  const { number, started_at, ended_at, worker, outcome, progress, error } = attempt;
  const { text, tone } = OUTCOMES[outcome];
  return (
    <>
      <p class="task-attempt">
        <b>Attempt {number}</b>
        <Badge tone={tone}>{text}</Badge>
        <span>{formatIsoTime(started_at, isUtc.value)}</span>
        {started_at !== null && (
          <span>
            {ended_at === null ? (
              <Elapsed since={started_at} />
            ) : (
              formatDuration(secondsBetween(started_at, ended_at))
            )}
          </span>
        )}
        {worker !== null && <span title={visibleText(worker)}>worker {visibleText(worker.slice(0, 8))}</span>}
        {progress !== null && <bdi>{visibleText(JSON.stringify(progress).slice(0, 200))}</bdi>}
      </p>
      {error !== null && (
        <details class="task-attempt-error">
          <summary>
            <bdi>{visibleText(error.message.slice(0, 300))}</bdi>
          </summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
          <pre tabIndex={0}>
            <bdi>{visibleText(error.stack || error.message)}</bdi>
          </pre>
        </details>
      )}
    </>
  );
}

function Change({ change: { action, by, at } }: { readonly change: TaskChange }) {
  return (
    <p class="task-attempt">
      <b>{CHANGES[action] ?? visibleText(action)}</b>
      <span>{formatIsoTime(at, isUtc.value)}</span>
      <span>
        by <bdi>{visibleText(by)}</bdi>
      </span>
    </p>
  );
}

/** What the task's handler logged last. */
export function TaskLogList({ lines }: { readonly lines: readonly TaskLogLine[] }) {
  if (lines.length === 0) return null;
  return (
    <section aria-label="Log">
      <h3 class="task-part">Log</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <ol class="task-log" tabIndex={0}>
        {lines.map(({ time, level, attempt, message, fields }, i) => (
          <li
            key={`${time} ${i}`}
            data-level={level}
            title={attempt === null ? undefined : `Attempt ${attempt}`}
          >
            <span class="task-log-time">
              {time !== null && formatTime(Date.parse(time) / 1000, { isUtc: isUtc.value, show: 'time' })}{' '}
              {level}
            </span>{' '}
            <bdi>{visibleText(message)}</bdi>{' '}
            <bdi class="task-log-fields">{visibleText(fieldsText(fields))}</bdi>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Such as: size=3 path="a b". */
function fieldsText(fields: TaskLogLine['fields']): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(' ');
}

const secondsBetween = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 1000;
