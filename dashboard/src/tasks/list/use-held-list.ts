import { useRef, useState } from 'preact/hooks';
import type { ListedTask } from '../../../../src/shared/http-contract/tasks.ts';

export interface HeldList {
  readonly tasks: readonly ListedTask[];
  /** How many tasks came since, and are not shown. */
  readonly newCount: number;
  readonly release: () => void;
  /** To be spread on what holds the list: it must not move under the pointer or the focus. */
  readonly holders: {
    readonly onPointerEnter: (event: PointerEvent) => void;
    readonly onPointerLeave: () => void;
    readonly onFocusIn: () => void;
    readonly onFocusOut: (event: FocusEvent) => void;
  };
}

/**
 * Keeps the rows in their places while the pointer or the focus is in the list. What they say stays up to date.
 * Those of another `key` never stay.
 */
export function useHeldList(latest: readonly ListedTask[], key: string): HeldList {
  const held = useRef({ hasPointer: false, hasFocus: false, key, tasks: latest });
  const [, render] = useState(0);
  const { current } = held;
  const isHeld = (current.hasPointer || current.hasFocus) && current.key === key && current.tasks.length > 0;
  if (!isHeld) {
    current.key = key;
    current.tasks = latest;
  }
  const change = (part: { hasPointer?: boolean; hasFocus?: boolean }) => {
    Object.assign(current, part);
    render((count) => count + 1);
  };
  const known = new Map(latest.map((task) => [task.id, task]));
  const tasks = current.tasks.map((task) => known.get(task.id) ?? task);
  for (const { id } of current.tasks) known.delete(id);
  return {
    tasks,
    newCount: known.size,
    release: () => {
      current.tasks = latest;
      render((count) => count + 1);
    },
    holders: {
      onPointerEnter: ({ pointerType }) => {
        if (pointerType === 'mouse') change({ hasPointer: true });
      },
      onPointerLeave: () => change({ hasPointer: false }),
      onFocusIn: () => change({ hasFocus: true }),
      onFocusOut: ({ currentTarget, relatedTarget }) => {
        const isInside = relatedTarget instanceof Node && (currentTarget as Node).contains(relatedTarget);
        if (!isInside) change({ hasFocus: false });
      },
    },
  };
}
