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

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 2_000;

/** Looks a task up until it is completed or dead, at first often, later every 2 s. */
export async function waitForEnd<H, K extends EventType<H>>(
  look: (signal: AbortSignal | undefined) => Promise<TaskOf<H, K>>,
  { signal, timeoutMs = Number.POSITIVE_INFINITY, onStatus }: WaitOptions,
): Promise<EndedTask<H, K>> {
  const endAtMs = performance.now() + timeoutMs;
  let seen: string | undefined;
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 1.5, LONGEST_WAIT_MS)) {
    const task = await look(signal);
    if (task.status !== seen) onStatus?.(task.status);
    seen = task.status;
    if (task.status === 'completed' || task.status === 'dead') return task as EndedTask<H, K>; // its status says so
    const leftMs = endAtMs - performance.now();
    if (leftMs <= 0) throw waitTimeout(task.id, task.status, timeoutMs / 1000);
    await sleep(Math.min(waitMs, leftMs), signal);
  }
}
