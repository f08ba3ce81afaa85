/** So long a queue has the process for itself and those before it; all have begun within `ALL_MS`. */
const TURN_MS = 1_000;
const ALL_MS = 3_000;

/** When the tasks of one queue may begin in this process. */
export interface FirstTurn {
  /** Resolves when the queue begins; undefined: it has. The first queue that asks for it starts the turns of all. */
  readonly untilBegun: Promise<void> | undefined;
  /** For so long a task that stalled shall still wait: it may have ended the process before this one. */
  readonly stalledWaitMs: number;
}

/**
 * Gives the queues of a new process their turns. They begin one after another, in random order. Where one of them holds
 * tasks that end the process as soon as they run, the others would else not come to run any: process after process.
 */
export function firstTurns(queueCount: number): FirstTurn[] {
  const turnMs = queueCount === 1 ? 0 : Math.min(TURN_MS, ALL_MS / queueCount);
  let startedAtMs: number | undefined;
  const start = () => {
    startedAtMs ??= performance.now(); // not before: the connection to Redis may have taken longer than a turn
    return startedAtMs;
  };
  const order = Array.from({ length: queueCount }, (_, place) => ({ place, key: Math.random() }));
  order.sort((a, b) => a.key - b.key);
  return order.map(({ place }) => createTurn(start, place * turnMs, queueCount * turnMs));
}

function createTurn(start: () => number, beginsAfterMs: number, allBegunAfterMs: number): FirstTurn {
  const leftMs = (afterMs: number) => Math.max(0, start() + afterMs - performance.now());
  return {
    get untilBegun() {
      const waitMs = leftMs(beginsAfterMs);
      return waitMs === 0
        ? undefined
        : new Promise<void>((resolve) => setTimeout(resolve, Math.ceil(waitMs)));
    },
    get stalledWaitMs() {
      return leftMs(allBegunAfterMs);
    },
  };
}
