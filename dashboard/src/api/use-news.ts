import { useEffect, useRef } from 'preact/hooks';
import type { TaskEvent } from '../../../src/shared/http-contract/task-events.ts';
import { isFollowing, onTaskNews } from './task-news.ts';

/** Which events concern a request. */
export type Concerns = (event: TaskEvent) => boolean;

/** What no event tells, such as the number of workers and a pause, is asked for so often. */
const IDLE_SECONDS = 10;
/** Many events come at once: of a task that starts and ends, or of a batch. */
const GATHER_MS = 250;

export interface UseNewsOptions {
  readonly concerns: Concerns | undefined;
  readonly seconds: number;
  /** While true nothing is sent. What came meanwhile counts at its end. */
  readonly isResting: boolean;
  readonly refresh: () => void;
}

/**
 * Returns the seconds between requests: while news come, an event that concerns the request sends the next one, at most
 * every `seconds`, and else it is sent every 10 s. Without `concerns`, and with 0 seconds, nothing is followed. It returns 0 for a rest.
 */
export function useNews({ concerns, seconds, isResting, refresh }: UseNewsOptions): number {
  const isWanted = concerns !== undefined && seconds > 0;
  const latest = useRef({ concerns, seconds, isResting, refresh });
  latest.current = { concerns, seconds, isResting, refresh };
  const isMissed = useRef(false);
  useEffect(() => {
    if (!isWanted) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let dueMs = 0;
    const leave = onTaskNews((event) => {
      const { concerns } = latest.current;
      if (timer !== undefined || (event !== undefined && !concerns?.(event))) return;
      timer = setTimeout(
        () => {
          timer = undefined;
          isMissed.current = latest.current.isResting;
          if (isMissed.current) return;
          dueMs = performance.now() + latest.current.seconds * 1000;
          latest.current.refresh();
        },
        Math.max(GATHER_MS, dueMs - performance.now()),
      );
    });
    return () => {
      clearTimeout(timer);
      leave();
    };
  }, [isWanted]);
  useEffect(() => {
    if (isResting || !isMissed.current) return;
    isMissed.current = false;
    refresh();
  }, [isResting]);
  if (isResting) return 0;
  return isWanted && isFollowing.value ? Math.max(seconds, IDLE_SECONDS) : seconds;
}
