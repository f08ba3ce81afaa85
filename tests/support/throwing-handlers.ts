import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HandlerSettings, Handlers, TaskContext, TaskHandler } from '../../src/workers/handler.ts';
import { BAD_RESULTS, PERMANENT, THROWN } from './thrown-values.ts';

/* Handlers that throw, reject and leave behind what the payload names. They note each run in the file RUNS_FILE. */

function note({ id }: TaskContext): void {
  appendFileSync(
    process.env.RUNS_FILE ?? '',
    `${JSON.stringify({ what: 'start', id, pid: process.pid, atMs: 0 })}\n`,
  );
}

function made({ payload }: TaskContext): unknown {
  const name = String(payload);
  const make = THROWN.get(name) ?? PERMANENT.get(name) ?? BAD_RESULTS.get(name);
  if (make === undefined) throw new Error(`expected the name of a value; got ${name}`);
  return make();
}

const fail: TaskHandler = (task) => {
  note(task);
  throw made(task);
};

/** Never ends by itself: an error that nobody catches does it. */
const failInTimer: TaskHandler = (task) => {
  note(task);
  setTimeout(() => {
    throw made(task);
  });
  return new Promise(() => undefined);
};

const failFloating: TaskHandler = (task) => {
  note(task);
  void Promise.reject(made(task));
  return new Promise(() => undefined);
};

const badResult: TaskHandler = (task) => {
  note(task);
  return made(task);
};

export const handlers: Handlers = {
  fail,
  'fail.thread': fail,
  'fail.timer': failInTimer,
  'fail.timer.thread': failInTimer,
  'fail.floating': failFloating,
  'fail.floating.thread': failFloating,
  result: badResult,
  'result.thread': badResult,
  /** Completes, and leaves a rejection behind that nobody catches. */
  floating: (task) => {
    note(task);
    void Promise.reject(new Error('left behind: rejection'));
    return 'done';
  },
  /** Completes, and leaves a timer behind that throws. */
  timer: (task) => {
    note(task);
    setTimeout(() => {
      throw new Error('left behind: timer');
    }, 20);
    return 'done';
  },
  'timer.thread': (task) => handlers.timer?.(task),
  'floating.thread': (task) => handlers.floating?.(task),
  /** Its signal's listener throws as the time limit aborts it. */
  'late.abort': (task) => {
    note(task);
    task.signal.addEventListener('abort', () => {
      throw new Error('left behind: listener');
    });
    return new Promise(() => undefined);
  },
  /** Throws again and again. */
  interval: (task) => {
    note(task);
    let count = 0;
    const timer = setInterval(() => {
      if (++count === 50) clearInterval(timer);
      throw new Error(`left behind: number ${count}`);
    });
    return 'done';
  },
  innocent: async (task) => {
    note(task);
    await sleep(Number(task.payload), undefined, { signal: task.signal });
    return 'innocent';
  },
  'innocent.thread': (task) => handlers.innocent?.(task),
  exit: (task) => {
    note(task);
    process.exit(9);
  },
  'exit.later': (task) => {
    note(task);
    setTimeout(() => process.exit(9), 20);
    return new Promise(() => undefined);
  },
  'exit.thread': (task) => handlers.exit?.(task),
  'exit.later.thread': (task) => handlers['exit.later']?.(task),
  /** Ends with a result, and calls process.exit while the thread runs another task. */
  'exit.after.thread': (task) => {
    note(task);
    setTimeout(() => process.exit(9), 50);
    return 'done';
  },
  abort: (task) => {
    note(task);
    process.abort();
  },
  kill: (task) => {
    note(task);
    process.kill(process.pid, 'SIGKILL');
    return new Promise(() => undefined);
  },
};

const inThread = Object.keys(handlers).filter((name) => name.endsWith('.thread'));

export const settings: Readonly<Record<string, HandlerSettings>> = {
  ...Object.fromEntries(inThread.map((name) => [name, { thread: true }])),
  'late.abort': { timeoutSeconds: 0.2 },
};
