import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { shownSeconds } from '../command-line/terminal.ts';
import type { ManagedProcess } from '../processes/managed-process.ts';
import { RestartBackoff } from '../processes/restart-backoff.ts';
import { becomesReady, type RestartContext, shownLastLines } from '../server-restarts.ts';
import type { Server } from '../servers/server.ts';
import type { SourceWatch } from './source-watch.ts';

/**
 * Starts the workers again when a source of their handlers changes, and when they died. When they do not become ready
 * by that, or die too often, it waits for the next change. Returns when the stack ends.
 */
export async function keepReloading(
  server: Server,
  first: ManagedProcess,
  watch: SourceWatch,
  context: RestartContext,
): Promise<void> {
  const { report, signal } = context;
  const { name } = first.plan;
  const backoff = new RestartBackoff();
  let child = first;
  let isReady = true;
  while (!signal.aborted) {
    const how = await Promise.race([child.exited, aborted(watch.change), aborted(signal)]);
    if (signal.aborted) return;
    if (how === undefined) report(`${watch.change.reason} has changed: ${name} starts again`);
    else await waitAfterDeath(child, how, isReady ? backoff : undefined, watch, context);
    if (signal.aborted) return;
    const startedAt = performance.now();
    await child.stop();
    watch.take();
    child = await context.launch(child.plan);
    isReady = await becomesReady(server, child, AbortSignal.any([signal, watch.change]));
    if (isReady) report(`${name} is ready again after ${shownSeconds(performance.now() - startedAt)}`);
  }
}

/** Without a backoff only a change helps: the new code does not start. */
async function waitAfterDeath(
  { plan }: ManagedProcess,
  how: string,
  backoff: RestartBackoff | undefined,
  watch: SourceWatch,
  { report, shownLog, signal }: RestartContext,
): Promise<void> {
  const delayMs = backoff?.next(performance.now());
  const next = delayMs === undefined ? 'when you change a file' : `in ${shownSeconds(delayMs)}`;
  report(
    `${plan.name} ended with ${how}. It starts again ${next}; log: ${shownLog(plan)}${shownLastLines(plan)}`,
  );
  const either = AbortSignal.any([signal, watch.change]);
  await (delayMs === undefined
    ? aborted(either)
    : sleep(delayMs, undefined, { signal: either }).catch(() => undefined));
}

/** Resolves with undefined when the signal aborts. */
async function aborted(signal: AbortSignal): Promise<undefined> {
  if (!signal.aborted) await once(signal, 'abort');
  return undefined;
}
