import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Calls `probe` until it answers something other than undefined or false, at most `limitMs`. The error of a
 * late probe says what it last answered or threw.
 */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  limitMs = 15_000,
): Promise<T> {
  const deadline = performance.now() + limitMs;
  let last: unknown;
  while (performance.now() < deadline) {
    try {
      const answer = await probe();
      if (answer !== undefined && answer !== false) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    await sleep(50);
  }
  throw new Error(`waited ${limitMs} ms in vain: ${what}; last: ${last}`, { cause: last });
}
