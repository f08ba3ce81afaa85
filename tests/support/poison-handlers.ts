import type { Handlers } from '../../src/workers/handler.ts';
import { handlers as noted } from './noted-handlers.ts';

/** Handlers that end their process, each in its own way, beside those that note what they do. */
export const handlers: Handlers = {
  ...noted,
  'poison.exit': () => process.exit(9),
  /** As a native module that fails. */
  'poison.abort': () => process.abort(),
  /** As the kernel does when memory is short. */
  'poison.kill': () => process.kill(process.pid, 'SIGKILL'),
  /** V8 ends the process, because the heap is full. */
  'poison.memory': () => {
    const held: number[][] = [];
    for (;;) held.push(new Array<number>(1_000_000).fill(held.length));
  },
};
