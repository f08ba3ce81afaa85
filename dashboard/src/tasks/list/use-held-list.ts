import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { TaskEvent } from '../../../../src/shared/http-contract/task-events.ts';
import type { ListedTask } from '../../../../src/shared/http-contract/tasks.ts';
import { isFollowing, onTaskNews } from '../../api/task-news.ts';
import { type HeldTask, heldRows } from './held-rows.ts';

export interface HeldList {
  readonly tasks: readonly HeldTask[];
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

export interface UseHeldListOptions {
  readonly latest: readonly ListedTask[];
  readonly key: string;
  /** Whether `latest` ends before all that match. */
  readonly isCut: boolean;
  /** Whether the page refreshes itself, and so follows the events. */
  readonly isLive: boolean;
}

/**
 * Keeps the rows in their places while the pointer or the focus is in the list. What they say stays up to date.
 * Those of another `key` never stay.
 */
export function useHeldList({ latest, key, isCut, isLive }: UseHeldListOptions): HeldList {
  const held = useRef({ hasPointer: false, hasFocus: false, key, tasks: latest });
  const [, render] = useState(0);
  const { current } = held;
  const isHeld = (current.hasPointer || current.hasFocus) && current.key === key && current.tasks.length > 0;
  if (!isHeld) {
    current.key = key;
    current.tasks = latest;
  }
  const events = useEventsOf(current.tasks, isLive);
  const change = (part: { hasPointer?: boolean; hasFocus?: boolean }) => {
    Object.assign(current, part);
    render((count) => count + 1);
  };
  const ids = new Set(current.tasks.map(({ id }) => id));
  return {
    tasks: heldRows({ held: current.tasks, latest, isCut, isFollowing: isFollowing.value, events }),
    newCount: latest.filter(({ id }) => !ids.has(id)).length,
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

/** The last event of each of these tasks. An event renders nothing: the list asks after it, and renders. */
function useEventsOf(
  tasks: readonly ListedTask[],
  isLive: boolean,
): ReadonlyMap<string, TaskEvent | undefined> {
  const events = useRef<Map<string, TaskEvent | undefined>>(new Map());
  useMemo(() => {
    events.current = new Map(tasks.map(({ id }) => [id, events.current.get(id)]));
  }, [tasks]);
  useEffect(() => {
    if (!isLive) return;
    return onTaskNews((event) => {
      if (event !== undefined && events.current.has(event.id)) events.current.set(event.id, event);
    });
  }, [isLive]);
  return events.current;
}
