import type { BulkResult } from './task-types.ts';

/** How many tasks all calls of one change matched and changed. */
export type BulkSums = Omit<BulkResult, 'next_cursor'>;

/** Sends the calls of one change until there are no more. Returns the sums of all, and tells them after each call. */
export async function followCursor(
  change: (cursor: string | null) => Promise<BulkResult>,
  onProgress: ((sums: BulkSums) => void) | undefined,
): Promise<BulkSums> {
  let sums: BulkSums | undefined;
  let cursor: string | null = null;
  do {
    const { next_cursor, ...result } = await change(cursor);
    sums = sums === undefined ? result : added(sums, result);
    onProgress?.(sums);
    cursor = next_cursor;
  } while (cursor !== null);
  return sums;
}

function added(a: BulkSums, b: BulkSums): BulkSums {
  return {
    matched: a.matched + b.matched,
    done: a.done + b.done,
    failed: a.failed + b.failed,
    failures: {
      gone: a.failures.gone + b.failures.gone,
      changed: a.failures.changed + b.failures.changed,
      unreadable: a.failures.unreadable + b.failures.unreadable,
    },
    looked_at: a.looked_at + b.looked_at,
  };
}
