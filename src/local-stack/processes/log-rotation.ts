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
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (size <= maxBytes) return false;
    copyOrRemove(path, olderLog(path));
    truncateSync(path);
    return true;
  } catch {
    return false; // somebody took the rights to the file away
  }
}

function copyOrRemove(path: string, copy: string): void {
  try {
    copyFileSync(path, copy);
  } catch {
    rmSync(copy, { force: true }); // the disk is full, most likely: a part of a log is worth less than the space
  }
}

function olderLog(path: string): string {
  return path.replace(/\.log$/, '.1.log');
}
