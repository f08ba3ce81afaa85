import { setTimeout as sleep } from 'node:timers/promises';
import { interrupted, notReady } from '../command-line/errors.ts';
import type { Terminal } from '../command-line/terminal.ts';
import type { DataFolder } from './data-folder.ts';
import { isRunning } from './process-identity.ts';

/**
 * Stops the child processes of an earlier start that was itself killed: SIGTERM, then SIGKILL after `limitMs`. Throws
 * ASDLC_NOT_READY when one does not end: two Redis servers on one data folder would destroy the data. Throws
 * ASDLC_INTERRUPTED when `stop` aborts; the next start then goes on with it.
 */
export async function stopLeftovers(
  folder: DataFolder,
  terminal: Terminal,
  stop: AbortSignal,
  limitMs = 10_000,
): Promise<void> {
  const leftovers = folder.leftovers();
  for (const { name, pid } of leftovers) {
    terminal.line(`stopping ${name} (process ${pid}) of an earlier start …`);
    send(pid, 'SIGTERM');
  }
  for (const leftover of leftovers) {
    const isThere = () => {
      if (stop.aborted) throw interrupted();
      return isRunning(leftover);
    };
    if (!(await goneWithin(limitMs, isThere))) {
      send(leftover.pid, 'SIGKILL');
      if (!(await goneWithin(2_000, isThere))) {
        throw notReady(
          `${leftover.name} (process ${leftover.pid}) of an earlier start does not end, even after SIGKILL. End it by hand, then start again.`,
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
    // It has ended, or it belongs to another user. The caller checks whether it still runs.
  }
}
