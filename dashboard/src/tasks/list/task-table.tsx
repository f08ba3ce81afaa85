import './task-table.css';
import { formatDuration, formatIsoTime } from '../../format/time.ts';
import { visibleText } from '../../format/visible-text.ts';
import { Badge } from '../../ui/status/badge.tsx';
import { Elapsed } from '../../ui/status/elapsed.tsx';
import { hrefTo, isUtc } from '../../view/view.ts';
import type { Selection } from '../bulk/use-selection.ts';
import { durationsOf, TONES } from '../task/task-status.ts';
import type { HeldTask } from './held-rows.ts';
import { orderOf, type TaskOrder } from './task-order.ts';

export interface TaskTableProps {
  readonly tasks: readonly HeldTask[];
  readonly selection: Selection | undefined;
  /** Parameters that links to a task keep, so that closing the task leads back to the same list. */
  readonly filters: Readonly<Record<string, string>>;
}

/** A row for each task; the whole row is a link to it. On a narrow screen each row is a card. */
export function TaskTable({ tasks, selection, filters }: TaskTableProps) {
  const order = orderOf(filters.status);
  return (
    <table class="task-table">
      <caption class="visually-hidden">Tasks. {order.text}</caption>
      <thead>
        <tr>
          {selection !== undefined && (
            <th scope="col" class="task-select">
              <input
                type="checkbox"
                aria-label="Select all tasks that are shown"
                checked={tasks.every(({ id }) => selection.selected.has(id))}
                onChange={(event) => selection.choose(tasks, event.currentTarget.checked)}
              />
            </th>
          )}
          <th scope="col">Task</th>
          <th scope="col">Event type</th>
          <th scope="col">Status</th>
          <th scope="col" class="numeric">
            Attempts
          </th>
          <th
            scope="col"
            class="numeric"
            title="From when it was due until the first attempt started; not known for later ones"
          >
            Waited
          </th>
          <th scope="col" class="numeric" title="How long the last attempt ran">
            Ran
          </th>
          <th scope="col">
            {order.name}
            {isUtc.value && ' (UTC)'}
          </th>
          <th scope="col">Error</th>
        </tr>
      </thead>
      <tbody>
        {tasks.map((task) => (
          <Row key={task.id} task={task} order={order} selection={selection} filters={filters} />
        ))}
      </tbody>
    </table>
  );
}

/** On a card, `data-label` stands before a value that does not explain itself. */
function Row({
  task,
  order,
  selection,
  filters,
}: { readonly task: HeldTask; readonly order: TaskOrder } & Pick<TaskTableProps, 'selection' | 'filters'>) {
  const { left } = task;
  const { waited, ran } = durationsOf(task);
  const error = left !== undefined || task.error === null ? undefined : visibleText(task.error.message);
  return (
    <tr>
      {selection !== undefined && (
        <td class="task-select">
          <input
            type="checkbox"
            aria-label={`Select task ${visibleText(task.id.slice(0, 8))}`}
            checked={selection.selected.has(task.id)}
            onChange={(event) => selection.choose([task], event.currentTarget.checked)}
          />
        </td>
      )}
      <td>
        <a
          class="row-link"
          href={hrefTo(`/tasks/${encodeURIComponent(task.id)}`, filters)}
          title={visibleText(task.id)}
        >
          <code>{visibleText(task.id.slice(0, 8))}</code>
        </a>
      </td>
      <td class="task-type">
        <bdi>{visibleText(task.event_type)}</bdi>
      </td>
      <td class="task-status">
        <RowStatus task={task} />
      </td>
      <td class="numeric" data-label="Attempts">
        {left === undefined ? `${task.attempts}/${task.max_attempts}` : UNKNOWN}
      </td>
      <td class="numeric" data-label="Waited">
        {left === undefined ? formatDuration(waited) : UNKNOWN}
      </td>
      <td class="numeric" data-label="Ran">
        {left !== undefined ? (
          UNKNOWN
        ) : task.status === 'active' && task.started_at !== null ? (
          <Elapsed since={task.started_at} />
        ) : (
          formatDuration(ran)
        )}
      </td>
      <td class="task-time">{formatIsoTime(order.time(task), isUtc.value)}</td>
      <td class="task-error" title={error}>
        {error === undefined ? noteOn(task) : <bdi>{error}</bdi>}
      </td>
    </tr>
  );
}

/** A number of a task that has left the list: only its status is known. */
const UNKNOWN = '–';

function RowStatus({ task: { status, left = status } }: { readonly task: HeldTask }) {
  if (left === 'removed') return <Badge tone="neutral">removed</Badge>;
  if (left !== 'unknown') return <Badge tone={TONES[left]}>{left}</Badge>;
  return (
    <Badge tone="neutral" title="It has left this list. Open it to see its status.">
      unknown
    </Badge>
  );
}

/** Why it waits, if for something other than a free worker; or that only the pointer or the focus keeps its row. */
function noteOn({ left, unhandled_since, paused }: HeldTask): string | false {
  if (left !== undefined) return 'has left this list';
  if (paused) return 'its event type is paused';
  return unhandled_since !== null && 'waits for a handler';
}
