import './task-table.css';
import type { ListedTask } from '../../../../src/shared/http-contract/tasks.ts';
import { formatDuration, formatIsoTime } from '../../format/time.ts';
import { Badge } from '../../ui/status/badge.tsx';
import { hrefTo, isUtc } from '../../view/view.ts';
import { durationsOf, TONES } from '../task/task-status.ts';

export interface TaskTableProps {
  readonly tasks: readonly ListedTask[];
  /** Parameters that links to a task keep, so that closing the task leads back to the same list. */
  readonly filters: Readonly<Record<string, string>>;
}

/** A row for each task; the whole row is a link to it. On a narrow screen each row is a card. */
export function TaskTable({ tasks, filters }: TaskTableProps) {
  return (
    <table class="task-table">
      <caption class="visually-hidden">Tasks, newest first within each status</caption>
      <thead>
        <tr>
          <th scope="col">Task</th>
          <th scope="col">Event type</th>
          <th scope="col">Status</th>
          <th scope="col" class="numeric">
            Attempts
          </th>
          <th scope="col" class="numeric" title="Until the first attempt started; not known after a retry">
            Waited
          </th>
          <th scope="col" class="numeric" title="How long the last attempt ran">
            Ran
          </th>
          <th scope="col">Created{isUtc.value && ' (UTC)'}</th>
          <th scope="col">Error</th>
        </tr>
      </thead>
      <tbody>
        {tasks.map((task) => (
          <Row key={task.id} task={task} filters={filters} />
        ))}
      </tbody>
    </table>
  );
}

/** On a card, `data-label` stands before a value that does not explain itself. */
function Row({ task, filters }: { readonly task: ListedTask } & Pick<TaskTableProps, 'filters'>) {
  const { waited, ran } = durationsOf(task);
  return (
    <tr>
      <td>
        <a class="row-link" href={hrefTo(`/tasks/${encodeURIComponent(task.id)}`, filters)} title={task.id}>
          <code>{task.id.slice(0, 8)}</code>
        </a>
      </td>
      <td class="task-type">{task.event_type}</td>
      <td class="task-status">
        <Badge tone={TONES[task.status]}>{task.status}</Badge>
      </td>
      <td class="numeric" data-label="Attempts">
        {task.attempts}/{task.max_attempts}
      </td>
      <td class="numeric" data-label="Waited">
        {formatDuration(waited)}
      </td>
      <td class="numeric" data-label="Ran">
        {formatDuration(ran)}
      </td>
      <td class="task-time">{formatIsoTime(task.created_at, isUtc.value)}</td>
      <td class="task-error" title={task.error?.message}>
        {task.error?.message ?? (task.unhandled_since !== null && 'waits for a handler')}
      </td>
    </tr>
  );
}
