import './../../ui/forms/form.css';
import './task-filter.css';
import { setSearch } from '../../navigation/router.ts';
import { Tabs } from '../../ui/buttons/tabs.tsx';
import { STATUSES } from '../task/task-status.ts';

export interface TaskFilterProps {
  /** `all`, or one of the statuses. */
  readonly status: string;
  readonly type: string;
  readonly typeError: string | undefined;
}

/** The filters of the list, and its order. */
export function TaskFilter({ status, type, typeError }: TaskFilterProps) {
  const choices = [{ value: 'all', text: 'All' }, ...STATUSES.map((value) => ({ value, text: value }))];
  const order =
    status === 'all' ? 'By status, from active to completed; newest first in each' : 'Newest first';
  return (
    <div class="tasks-filters">
      <Tabs
        label="Status"
        choices={choices}
        value={status}
        onChoose={(value) => setSearch({ status: value === 'all' ? null : value })}
      />
      <label class="field tasks-type">
        <span class="visually-hidden">Event type</span>
        <input
          value={type}
          placeholder="Event type"
          spellcheck={false}
          autocapitalize="off"
          aria-invalid={typeError !== undefined}
          aria-describedby="tasks-order"
          onChange={(event) => setSearch({ type: event.currentTarget.value.trim() || null })}
        />
      </label>
      <p id="tasks-order" class={typeError === undefined ? 'tasks-order' : 'tasks-order tasks-order-error'}>
        {typeError ?? order}
      </p>
    </div>
  );
}
