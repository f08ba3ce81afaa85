import { inTurn } from './loop-turns.ts';

/** Work on one request goes on for so long at most before others have their turn. */
const SLICE_MS = 10;

/** To be awaited between two steps of long work: it waits a turn when the slice is used up. */
export type EndOfStep = () => Promise<void> | undefined;

export function createTimeSlice(): EndOfStep {
  let startMs = performance.now();
  return () => {
    if (performance.now() - startMs < SLICE_MS) return undefined;
    return inTurn(() => {
      startMs = performance.now();
    });
  };
}

/** Does work that yields after each step, and returns what it returns. */
export async function inSlices<T>(work: Generator<void, T>, endOfStep = createTimeSlice()): Promise<T> {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    const turn = endOfStep();
    if (turn !== undefined) await turn;
  }
}
