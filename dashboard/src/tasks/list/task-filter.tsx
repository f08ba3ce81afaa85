import './../../ui/forms/form.css';
import './task-filter.css';
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { plain } from '../../format/quantity.ts';
import { formatTime } from '../../format/time.ts';
import { visibleText } from '../../format/visible-text.ts';
import { setSearch } from '../../navigation/router.ts';
import { Button } from '../../ui/buttons/button.tsx';
import { Tabs } from '../../ui/buttons/tabs.tsx';
import { hrefTo, isUtc } from '../../view/view.ts';
import { STATUSES } from '../task/task-status.ts';
import { AGES, NO_FILTERS, type TaskFilters, timesOf } from './task-filters.ts';
import { orderOf } from './task-order.ts';
import type { LoadedTasks } from './use-task-list.ts';

export interface TaskFilterProps {
  readonly filters: TaskFilters;
  /** What the list was made of; undefined while that is not known. */
  readonly found: Pick<LoadedTasks, 'lookedAt' | 'isComplete'> | undefined;
  readonly typeError: string | undefined;
  /** The names of all queues. One is not worth a choice. */
  readonly queues: readonly string[];
}

/** The filters of the list, and its order. */
export function TaskFilter({ filters, found, typeError, queues }: TaskFilterProps) {
  const { status = 'all', type = '', queue = '', id = '', error = '', parent, group, age = '' } = filters;
  const choices = [{ value: 'all', text: 'All' }, ...STATUSES.map((value) => ({ value, text: value }))];
  const order = filters.sort === undefined ? orderOf(filters.status).text : '';
  return (
    <search class="tasks-filters">
      <Tabs
        label="Status"
        choices={choices}
        value={status}
        onChoose={(value) => setSearch({ status: value === 'all' ? null : value })}
      />
      {(queues.length > 1 || queue !== '') && <QueueFilter queues={queues} value={queue} />}
      <TextFilter name="type" label="Event type" value={type} isInvalid={typeError !== undefined} />
      <TextFilter name="id" label="Id" value={id} />
      <TextFilter name="error" label="Error contains" value={error} />
      <select
        class="select"
        aria-label="Submitted"
        value={age}
        onChange={(event) => setSearch({ age: event.currentTarget.value || null })}
      >
        <option value="">Any time</option>
        {AGES.map(([seconds, text]) => (
          <option key={seconds} value={seconds}>
            {text}
          </option>
        ))}
      </select>
      {Object.keys(filters).length > 0 && (
        <Button kind="quiet" onClick={() => setSearch(NO_FILTERS)}>
          Clear
        </Button>
      )}
      <p id="tasks-order" class={typeError === undefined ? 'tasks-order' : 'tasks-order tasks-order-error'}>
        {typeError ?? order}
      </p>
      {parent !== undefined && (
        <Chip name="parent" clear="Show other tasks too">
          Children of the task{' '}
          <a href={hrefTo(`/tasks/${encodeURIComponent(parent)}`, { ...filters })}>
            <bdi>{visibleText(parent.slice(0, 8))}</bdi>
          </a>
        </Chip>
      )}
      {group !== undefined && (
        <Chip name="group" clear="Show all errors">
          With the error{' '}
          <q>
            <bdi>{visibleText(group)}</bdi>
          </q>
        </Chip>
      )}
      {TIMES.map(([name, text]) => {
        const times = timesOf(filters[name]);
        return (
          times !== undefined && (
            <Chip key={name} name={name} clear="Show all times">
              {text} {times.map((time) => formatTime(time, { isUtc: isUtc.value })).join(' – ')}
              {isUtc.value && ' UTC'}
            </Chip>
          )
        );
      })}
      {filters.sort !== undefined && (
        <Chip name="sort" clear="Show the newest first">
          Those that ran longest first
          {found !== undefined &&
            `, of ${found.isComplete ? '' : 'the newest '}${plain(found.lookedAt)} that were looked at`}
        </Chip>
      )}
    </search>
  );
}

const TIMES = [
  ['ended', 'Ended'],
  ['submitted', 'Submitted'],
] as const;

interface ChipProps {
  readonly name: keyof TaskFilters;
  /** What its button does. */
  readonly clear: string;
  readonly children: ComponentChildren;
}

/** A filter that a link has set. */
function Chip({ name, clear, children }: ChipProps) {
  return (
    <p class="tasks-group">
      <span>{children}</span>
      <Button kind="quiet" icon="cross" label={clear} onClick={() => setSearch({ [name]: null })} />
    </p>
  );
}

interface QueueFilterProps {
  readonly queues: readonly string[];
  readonly value: string;
}

/** A queue of the URL that nobody knows stays to be seen: the list says what is wrong. */
function QueueFilter({ queues, value }: QueueFilterProps) {
  const names = value === '' || queues.includes(value) ? queues : [...queues, value];
  return (
    <select
      class="select"
      aria-label="Queue"
      value={value}
      onChange={(event) => setSearch({ queue: event.currentTarget.value || null })}
    >
      <option value="">All queues</option>
      {names.map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  );
}

interface TextFilterProps {
  readonly name: 'type' | 'id' | 'error';
  readonly label: string;
  readonly value: string;
  readonly isInvalid?: boolean;
}

/** Each poll shows the list anew: until the filter is set, the text is that of the user. */
function TextFilter({ name, label, value, isInvalid = false }: TextFilterProps) {
  const [typed, setTyped] = useState<{ readonly over: string; readonly text: string }>();
  return (
    <label class="field tasks-text">
      <span class="visually-hidden">{label}</span>
      <input
        value={typed?.over === value ? typed.text : visibleText(value)}
        placeholder={label}
        spellcheck={false}
        autocapitalize="off"
        maxLength={200}
        aria-invalid={isInvalid}
        aria-describedby="tasks-order"
        onInput={(event) => setTyped({ over: value, text: event.currentTarget.value })}
        onChange={(event) => {
          setTyped(undefined);
          setSearch({ [name]: event.currentTarget.value.trim() || null });
        }}
      />
    </label>
  );
}
