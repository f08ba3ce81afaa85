import { setTimeout as sleep } from 'node:timers/promises';
import { notReady } from '../command-line/errors.ts';
import type { ProcessPlan } from '../processes/managed-process.ts';

/** A server of the stack: Redis, VictoriaMetrics, the orchestrator or the workers. */
export interface Server {
  readonly name: string;
  /** The address for clients, credentials included. */
  readonly url: string;
  /** How to start it. Undefined when the server is the user's: the stack uses it and does not start it. */
  readonly plan?: ProcessPlan;
  readonly check: ReadinessCheck;
  readonly readyLimitMs: number;
  /** Whether the supervisor starts it again when it dies. Otherwise its death ends the stack. */
  readonly restarts: boolean;
  /** A change of a source below this folder starts it again. */
  readonly sources?: string;
}

/** Returns undefined when the server is ready, else why not. May throw; the error is then the reason. */
export type ReadinessCheck = () => Promise<string | undefined>;

/** The time that a server may take to start. */
export const START_LIMIT_MS = 60_000;
/** A server of the user's runs already: it answers soon or not at all. */
export const GIVEN_SERVER_LIMIT_MS = 5_000;

const CHECK_INTERVAL_MS = 50;
const REPORT_INTERVAL_MS = 10_000;

/**
 * Repeats the check until the server is ready. Throws ASDLC_NOT_READY with the last reason after the server's limit, and
 * the signal's own reason when the signal aborts. Calls `onWaiting` every 10 s.
 */
export async function waitUntilReady(
  { name, check, readyLimitMs }: Pick<Server, 'name' | 'check' | 'readyLimitMs'>,
  signal: AbortSignal,
  onWaiting: (text: string) => void,
): Promise<void> {
  const startedAt = performance.now();
  let reportAt = startedAt + REPORT_INTERVAL_MS;
  for (;;) {
    signal.throwIfAborted();
    const reason = await check().catch(describeFailure);
    signal.throwIfAborted();
    if (reason === undefined) return;
    const now = performance.now();
    if (now - startedAt > readyLimitMs) {
      throw notReady(`${name} was not ready within ${readyLimitMs / 1000} s: ${reason}`);
    }
    if (now > reportAt) {
      reportAt = now + REPORT_INTERVAL_MS;
      onWaiting(`  still waiting for ${name}: ${reason}`);
    }
    await sleep(CHECK_INTERVAL_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Returns the message of an error with its cause: fetch's own message is only "fetch failed". */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  const code = (cause as { code?: unknown } | undefined)?.code; // errors of the system have one
  if (cause === undefined) return error.message;
  return `${error.message} (${code ?? (cause instanceof Error ? cause.message : String(cause))})`;
}
