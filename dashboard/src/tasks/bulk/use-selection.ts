import { useState } from 'preact/hooks';
import { MAX_BULK_IDS } from '../../../../src/shared/http-contract/limits.ts';
import type { ListedTask, TaskStatus } from '../../../../src/shared/http-contract/tasks.ts';

export interface Selection {
  /** By id, with the status that the task had. */
  readonly selected: ReadonlyMap<string, TaskStatus>;
  readonly choose: (tasks: readonly Pick<ListedTask, 'id' | 'status'>[], isSelected: boolean) => void;
  readonly clear: () => void;
}

const NONE: ReadonlyMap<string, TaskStatus> = new Map();

/** The tasks that the operator selected in a list. Another list, by its key, begins with none. */
export function useSelection(key: string): Selection {
  const [state, setState] = useState({ key, selected: NONE });
  const selected = state.key === key ? state.selected : NONE;
  return {
    selected,
    choose: (tasks, isSelected) => {
      const next = new Map(selected);
      for (const { id, status } of tasks) {
        if (!isSelected) next.delete(id);
        else if (next.size < MAX_BULK_IDS) next.set(id, status);
      }
      setState({ key, selected: next });
    },
    clear: () => setState({ key, selected: NONE }),
  };
}
