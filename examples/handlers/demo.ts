import { setTimeout as sleep } from 'node:timers/promises';
import type { Handlers, TaskHandler } from '../../src/workers/handler.ts';
import { handlers as shipped } from './index.ts';

/** Returns a handler that takes a random time between the two limits. */
function takes(minMs: number, maxMs: number): TaskHandler {
  return async ({ signal }) => {
    const durationMs = Math.round(minMs + Math.random() * (maxMs - minMs));
    await sleep(durationMs, undefined, { signal });
    return { slept_ms: durationMs };
  };
}

/** The handlers of index.ts, and those for the tasks of `npm start -- --demo`. */
export const handlers: Handlers = {
  ...shipped,
  'demo.fast': takes(2, 40),
  'demo.slow': takes(400, 3_000),
  'demo.urgent': takes(10, 120),
  'demo.delayed': takes(20, 200),
  'demo.flaky': async (task) => {
    const result = await takes(20, 300)(task);
    if (Math.random() < 0.3) throw new Error('the demo lets three of ten attempts at this event type fail');
    return result;
  },
  'demo.broken': async (task) => {
    await takes(5, 50)(task);
    throw new Error('the demo lets every attempt at this event type fail');
  },
};
