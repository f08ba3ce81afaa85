import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Calls `probe` until it returns something other than undefined or false, and returns that. After `limitMs` it throws
 * an error with what the probe last returned or threw.
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
      const result = await probe();
      if (result !== undefined && result !== false) return result;
      last = result;
    } catch (error) {
      last = error;
    }
    await sleep(50);
  }
  throw new Error(`expected within ${limitMs} ms: ${what}; got ${last}`, { cause: last });
}
