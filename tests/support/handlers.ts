import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as sleep, setImmediate as turnOfEventLoop } from 'node:timers/promises';
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
  'schedule.of': ({ schedule, payload }) => ({ schedule, payload }),
  'trace.state': ({ traceparent, tracestate }) => [traceparent, tracestate],
  /** What it learns of the tasks that it waited for. */
  flow: ({ children, previous }) => ({ children, previous: previous ?? null }),
  'flow.thread': (task) => handlers.flow?.(task),
  /** Works once the file of its payload is there. */
  'file.there': ({ payload }) => {
    if (existsSync((payload as { path: string }).path)) return 'there'; // the tests send a path
    throw Object.assign(new Error('no file'), { retryable: false });
  },
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
  /** Reports and logs, then waits, then fails if it shall. */
  tell: async ({ payload, attempt, logger, progress, signal }) => {
    const { lines = 1, ms = 0, fails = 0 } = payload as { lines?: number; ms?: number; fails?: number }; // the tests send these
    for (let i = 1; i <= lines; i++) logger.info({ i, long: 'x'.repeat(i === 1 ? 5_000 : 0) }, `line ${i}`);
    progress({ attempt, done: 0.5 });
    if (ms > 0) await sleep(ms, undefined, { signal });
    if (attempt <= fails) throw new Error('after all');
    progress({ attempt, done: 1 });
    logger.child({ part: 'end' }).warn('told');
  },
  'tell.thread': (task) => handlers.tell?.(task),
  /** Goes on after its time limit. */
  'tell.late': async ({ logger, progress, signal }) => {
    progress(1);
    await once(signal, 'abort');
    await turnOfEventLoop(); // the attempt has ended by then
    progress(2);
    logger.info('late');
    return new Promise(() => undefined);
  },
  'tell.wrong': ({ progress }) => progress(() => 1),
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
  'flow.thread': { thread: true },
  'trace.thread': { thread: true },
  'function.thread': { thread: true },
  'stray.thread': { thread: true },
  'callback.thread': { thread: true },
  'slow.thread': { thread: true },
  'burn.limited': { thread: true, timeoutSeconds: 0.5 },
  'fail.thread': { thread: true },
  'tell.thread': { thread: true },
  'tell.late': { timeoutSeconds: 0.5 },
};
