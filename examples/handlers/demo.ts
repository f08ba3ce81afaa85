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
  /** The payload says how likely an attempt fails: `{"chance": 0.03}`. */
  'demo.flaky': async (task) => {
    const result = await takes(20, 300)(task);
    const { chance = 0.03 } = (task.payload ?? {}) as { chance?: number }; // the demo sends it
    if (Math.random() < chance) throw new Error('the demo service answered 503');
    return result;
  },
  'demo.broken': async (task) => {
    await takes(5, 50)(task);
    throw new Error('no answer from the demo service in 30 s');
  },
};
