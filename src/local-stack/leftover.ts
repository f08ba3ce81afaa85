import { setTimeout as sleep } from 'node:timers/promises';
import { type DataFolder, isRunning } from './data-folder.ts';
import { notReady } from './errors.ts';
import type { Terminal } from './terminal.ts';

/**
 * Stops what a start that was itself killed left behind: SIGTERM, and SIGKILL for what still runs after
 * `limitMs`. Two Redis servers on one data folder would destroy it, so one that stays ends this start.
 */
export async function stopLeftovers(folder: DataFolder, terminal: Terminal, limitMs = 10_000): Promise<void> {
  const leftovers = folder.leftovers();
  for (const { name, pid } of leftovers) {
    terminal.line(`stopping ${name} (process ${pid}), left over from an earlier start …`);
    send(pid, 'SIGTERM');
  }
  for (const leftover of leftovers) {
    if (!(await goneWithin(limitMs, () => isRunning(leftover)))) {
      send(leftover.pid, 'SIGKILL');
      if (!(await goneWithin(2_000, () => isRunning(leftover)))) {
        throw notReady(
          `${leftover.name} (process ${leftover.pid}), left over from an earlier start, cannot be stopped: end it by hand`,
        );
      }
    }
    folder.forget(leftover.pid);
  }
}

async function goneWithin(limitMs: number, isThere: () => boolean): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  while (isThere()) {
    if (performance.now() > deadline) return false;
    await sleep(50);
  }
  return true;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it ended meanwhile, or belongs to another user: whether it still runs is looked at next
  }
}
