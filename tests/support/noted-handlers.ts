import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HandlerSettings, Handlers, TaskContext } from '../../src/workers/handler.ts';
import type { Run } from './run-log.ts';

/*
 * Handlers that note each attempt in the file that RUNS_FILE names. So a test can count attempts even of processes that
 * were killed. A payload that is a number says how many milliseconds a handler takes.
 */

function note({ id }: TaskContext, what: Run['what']): void {
  const run: Run = { what, id, pid: process.pid, atMs: Date.now() };
  appendFileSync(process.env.RUNS_FILE ?? '', `${JSON.stringify(run)}\n`);
}

async function wait(task: TaskContext): Promise<void> {
  note(task, 'start');
  await sleep(Number(task.payload) || 0, undefined, { signal: task.signal });
  note(task, 'end');
}

function fail(task: TaskContext): never {
  note(task, 'start');
  note(task, 'fail');
  throw new Error('as asked');
}

export const handlers: Handlers = {
  wait,
  rated: wait,
  fail,
  'fail.once': (task) => (task.attempt === 1 ? fail(task) : wait(task)),
  /** Never ends, and ignores its signal. */
  hang: (task) => {
    note(task, 'start');
    return new Promise(() => undefined);
  },
  die: (task) => {
    note(task, 'start');
    process.exit(9);
  },
  /** Completes, and leaves a rejection behind that nobody catches. */
  stray: (task) => {
    note(task, 'start');
    void Promise.reject(new Error('left behind'));
    note(task, 'end');
  },
  /** Blocks the whole process. */
  burn: (task) => {
    note(task, 'start');
    const end = performance.now() + Number(task.payload);
    while (performance.now() < end);
    note(task, 'end');
  },
};

export const settings: Readonly<Record<string, HandlerSettings>> = {
  rated: { rate: { max: 100, seconds: 1 } },
  hang: { timeoutSeconds: 2 },
};
