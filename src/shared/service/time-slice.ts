import { setImmediate as yieldToEventLoop } from 'node:timers/promises';

/** Work on one request goes on for so long at most before others have their turn. */
const SLICE_MS = 10;

/** Returns a function to be awaited between two steps of long work: it waits a turn when the slice is used up. */
export function createTimeSlice(): () => Promise<void> | undefined {
  let startMs = performance.now();
  return () => {
    if (performance.now() - startMs < SLICE_MS) return undefined;
    return yieldToEventLoop().then(() => {
      startMs = performance.now();
    });
  };
}
