import { setTimeout as sleep } from 'node:timers/promises';
import { processDied } from './command-line/errors.ts';
import { shownSeconds } from './command-line/terminal.ts';
import { lastLines } from './processes/log-lines.ts';
import type { ManagedProcess, ProcessPlan } from './processes/managed-process.ts';
import { RESTART_LIMIT, RestartBackoff } from './processes/restart-backoff.ts';
import { type Server, waitUntilReady } from './servers/server.ts';

export interface RestartContext {
  launch(plan: ProcessPlan): Promise<ManagedProcess>;
  readonly report: (text: string) => void;
  /** Returns the path of the log for a message. */
  readonly shownLog: (plan: ProcessPlan) => string;
  /** Aborts when the stack ends. */
  readonly signal: AbortSignal;
}

/**
 * Starts a server again when its process has died, each time. Returns when the stack ends. Throws ASDLC_PROCESS_DIED when it died
 * too often, and ASDLC_NOT_READY when the new process lives but does not become ready.
 */
export async function keepRunning(
  server: Server,
  first: ManagedProcess,
  { launch, report, shownLog, signal }: RestartContext,
): Promise<void> {
  const { plan } = first;
  const backoff = new RestartBackoff();
  for (let child = first; ; ) {
    const how = await child.exited;
    if (signal.aborted) return;
    const diedAt = performance.now();
    const delayMs = backoff.next(diedAt);
    const what = `${plan.name} ended with ${how}`;
    if (delayMs === undefined) {
      throw processDied(`${what}. It died ${RESTART_LIMIT}; log: ${shownLog(plan)}${shownLastLines(plan)}`);
    }
    report(`${what}. It starts again in ${shownSeconds(delayMs)}; log: ${shownLog(plan)}`);
    await sleep(delayMs, undefined, { signal });
    child = await launch(plan);
    if (await becomesReady(server, child, signal)) {
      report(`${plan.name} is ready again, ${shownSeconds(performance.now() - diedAt)} after its end`);
    }
  }
}

/** Returns the last lines of the log, indented for the terminal. */
export function shownLastLines({ logPath }: ProcessPlan): string {
  return lastLines(logPath, 5)
    .map((line) => `\n    ${line}`)
    .join('');
}

/** Returns false when the process dies before it is ready, and when `end` aborts. */
export async function becomesReady(
  server: Server,
  child: ManagedProcess,
  end: AbortSignal,
): Promise<boolean> {
  const death = new AbortController();
  void child.exited.then(() => death.abort());
  try {
    await waitUntilReady(server, AbortSignal.any([end, death.signal]), () => undefined);
    return true;
  } catch (error) {
    if (death.signal.aborted || end.aborted) return false;
    throw error;
  }
}
