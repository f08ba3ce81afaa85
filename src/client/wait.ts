import { waitTimeout } from './errors.ts';
import { sleep } from './sleep.ts';
import type { EndedTask, EventType, TaskOf } from './task-types.ts';

export interface WaitOptions {
  readonly signal?: AbortSignal | undefined;
  /** Without it there is no limit. */
  readonly timeoutMs?: number | undefined;
  /** Is told each status that is seen, the first one too. */
  readonly onStatus?: ((status: string) => void) | undefined;
}

/** Looks a task up. The orchestrator answers when it has ended, or after `waitSeconds`. */
export type Look<T> = (waitSeconds: number, signal: AbortSignal | undefined) => Promise<T>;

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;
/** Less than the usual time limits of proxies. */
const LONGEST_WAIT_S = 25;

/**
 * Looks a task up until it is completed or dead. Most of the time the orchestrator waits. One that stops, or an older one,
 * answers at once: then this pauses before it looks again, and so it does where each status is wanted.
 */
export async function waitForEnd<H, K extends EventType<H>>(
  look: Look<TaskOf<H, K>>,
  { signal, timeoutMs = Number.POSITIVE_INFINITY, onStatus }: WaitOptions,
  requestLimitMs: number,
): Promise<EndedTask<H, K>> {
  const endAtMs = performance.now() + timeoutMs;
  const longestSeconds = onStatus === undefined ? Math.min(LONGEST_WAIT_S, 0.8 * (requestLimitMs / 1000)) : 0;
  let seen: string | undefined;
  for (let pauseMs = FIRST_PAUSE_MS; ; ) {
    const lookedAtMs = performance.now();
    const waitSeconds = Math.max(0, Math.floor(Math.min(longestSeconds, (endAtMs - lookedAtMs) / 1000)));
    const task = await look(waitSeconds, signal);
    if (task.status !== seen) onStatus?.(task.status);
    seen = task.status;
    if (task.status === 'completed' || task.status === 'dead') return task as EndedTask<H, K>; // its status says so
    const nowMs = performance.now();
    if (nowMs >= endAtMs) throw waitTimeout(task.id, task.status, timeoutMs / 1000);
    if (waitSeconds > 0 && nowMs - lookedAtMs >= waitSeconds * 1000) continue;
    await sleep(Math.min(pauseMs, endAtMs - nowMs), signal);
    pauseMs = Math.min(pauseMs * 1.5, LONGEST_PAUSE_MS);
  }
}
