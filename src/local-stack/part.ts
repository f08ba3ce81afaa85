import type { ProcessPlan } from './managed-process.ts';
import type { Check } from './readiness.ts';

/** One server of the stack. */
export interface Part {
  readonly name: string;
  /** For clients, credentials included. */
  readonly url: string;
  /** Absent when the server is somebody else's: it is used, and not started. */
  readonly plan?: ProcessPlan;
  readonly check: Check;
  readonly readyLimitMs: number;
}

/** For what we start; a server that is already there answers soon or not at all. */
export const START_LIMIT_MS = 60_000;
export const GIVEN_SERVER_LIMIT_MS = 5_000;
