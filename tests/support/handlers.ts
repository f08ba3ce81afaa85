import { setTimeout as sleep } from 'node:timers/promises';
import type { Handlers } from '../../src/workers/handler.ts';

interface Ms {
  ms: number;
}

/** Handlers that behave as a test asks. */
export const handlers: Handlers = {
  echo: ({ payload, attempt, eventType }) => ({ payload, attempt, eventType }),
  fail: () => {
    throw new Error('as asked');
  },
  'fail.undefined': () => Promise.reject(undefined),
  'fail.for-good': () => {
    throw Object.assign(new Error('no use'), { retryable: false });
  },
  'fail.once': ({ attempt }) => {
    if (attempt === 1) throw new Error('the first time');
    return { attempt };
  },
  slow: async ({ payload, signal }) => {
    await sleep((payload as Ms).ms, undefined, { signal }); // the tests send milliseconds
    return 'slept';
  },
  /** Never ends, whatever its signal says. */
  hang: () => new Promise(() => undefined),
  die: () => process.exit(9),
};
