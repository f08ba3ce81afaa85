import { copyFileSync, renameSync, rmSync, statSync, truncateSync } from 'node:fs';

/** A log larger than this is rotated. With the older part in NAME.1.log, a process has at most about twice as much. */
export const MAX_LOG_BYTES = 10 * 1_048_576;

/** Keeps the log of the start before as NAME.1.log. */
export function keepEarlierLog(path: string): void {
  try {
    renameSync(path, olderLog(path));
  } catch {
    // there is no earlier log
  }
}

/**
 * Moves the content of a log that is too large to NAME.1.log while its process runs. It copies and then truncates the
 * file, because the process keeps its file open: after a rename it would write on to the renamed file. Lines that the
 * process writes between the two steps are lost. Returns whether it rotated.
 */
export function rotateLargeLog(path: string, maxBytes = MAX_LOG_BYTES): boolean {
  try {
    if (statSync(path).size <= maxBytes) return false;
    copyFileSync(path, olderLog(path));
    truncateSync(path);
    return true;
  } catch {
    // The disk is full, most likely. A part of a copy is worth less than the space.
    rmSync(olderLog(path), { force: true });
    return false;
  }
}

function olderLog(path: string): string {
  return path.replace(/\.log$/, '.1.log');
}
