import { setTimeout as sleep } from 'node:timers/promises';
import { trace } from '@opentelemetry/api';
import type { HandlerSettings, Handlers } from '../../src/workers/handler.ts';

interface Ms {
  ms: number;
}

/** Handlers for tests. The payload says how long some of them take. */
export const handlers: Handlers = {
  'active.span': () => trace.getActiveSpan()?.spanContext().spanId,
  /** Hangs until its time limit. Then a listener to its signal makes a span. */
  'abort.span': ({ signal }) =>
    new Promise(() => {
      signal.addEventListener('abort', () => trace.getTracer('test').startSpan('abort').end());
    }),
  echo: ({ payload, attempt, eventType }) => ({ payload, attempt, eventType }),
  trace: ({ traceparent, logger }) => {
    logger.info('traced');
    return traceparent;
  },
  'trace.state': ({ traceparent, tracestate }) => [traceparent, tracestate],
  one: ({ payload }) => sleep((payload as Ms).ms), // the tests send milliseconds
  rated: () => Date.now(),
  'rated.fast': () => undefined,
  /** Blocks its thread, or the whole process if it runs in no thread. */
  burn: ({ payload }) => {
    const end = performance.now() + (payload as Ms).ms; // the tests send milliseconds
    while (performance.now() < end);
    return 'burnt';
  },
  'burn.thread': (task) => handlers.burn?.(task),
  'burn.limited': (task) => handlers.burn?.(task),
  'burn.short': (task) => handlers.burn?.(task),
  'trace.thread': (task) => handlers.trace?.(task),
  'function.thread': () => () => 1,
  /** Ends, and leaves a timer behind that throws later. */
  'stray.thread': (task) => handlers.stray?.(task),
  stray: () => {
    setTimeout(() => {
      throw new Error('left behind');
    }, 50);
  },
  /** Ends only by the error that its timer throws. */
  'callback.thread': () =>
    new Promise(() => {
      setTimeout(() => {
        throw new Error('in a callback');
      }, 50);
    }),
  'slow.thread': (task) => handlers.slow?.(task),
  'fail.thread': () => {
    throw Object.assign(new Error('in a thread'), { retryable: false });
  },
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
  /** Never ends, and ignores its signal. */
  hang: () => new Promise(() => undefined),
  'hang.limited': () => new Promise(() => undefined),
  die: () => process.exit(9),
};

export const settings: Readonly<Record<string, HandlerSettings>> = {
  one: { concurrency: 1 },
  rated: { rate: { max: 2, seconds: 1 } },
  'rated.fast': { rate: { max: 20, seconds: 0.5 } },
  'burn.thread': { thread: true },
  'abort.span': { timeoutSeconds: 0.5 },
  'hang.limited': { timeoutSeconds: 0.5 },
  'burn.short': { thread: true, timeoutSeconds: 3 },
  'trace.thread': { thread: true },
  'function.thread': { thread: true },
  'stray.thread': { thread: true },
  'callback.thread': { thread: true },
  'slow.thread': { thread: true },
  'burn.limited': { thread: true, timeoutSeconds: 0.5 },
  'fail.thread': { thread: true },
};
