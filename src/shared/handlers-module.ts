import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { shippedHandlers } from './package.ts';

/** Looked for in the current folder, in this order. */
const USUAL_NAMES = ['handlers.ts', 'handlers.mts', 'handlers.js', 'handlers.mjs'];

export interface HandlersModule {
  readonly path: string;
  /** Whether it comes with asdlc. */
  readonly isShipped: boolean;
}

/** Returns the module that WORKER_HANDLERS names, else that of the current folder, else the one that comes with asdlc. */
export function findHandlers(given: string | undefined): HandlersModule {
  if (given !== undefined) return { path: resolve(given), isShipped: false };
  const own = USUAL_NAMES.map((name) => resolve(name)).find(existsSync);
  return own === undefined
    ? { path: shippedHandlers('index'), isShipped: true }
    : { path: own, isShipped: false };
}
