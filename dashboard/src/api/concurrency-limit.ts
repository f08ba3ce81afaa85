/** Runs a task when its turn comes; rejects with the signal's reason if that is aborted before. */
export type ConcurrencyLimit = <T>(task: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

/**
 * Lets at most `width` tasks run at once, the rest in order. A browser opens six connections to a server: queries of a
 * TSDB that hangs must not take them all, else nothing could say that it hangs.
 */
export function createConcurrencyLimit(width: number): ConcurrencyLimit {
  let running = 0;
  const waiting: (() => void)[] = [];

  function leave(): void {
    running -= 1;
    waiting.shift()?.();
  }

  function enter(signal: AbortSignal | undefined): Promise<void> {
    if (running < width) {
      running += 1;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const give = () => {
        signal?.removeEventListener('abort', drop);
        running += 1;
        resolve();
      };
      const drop = () => {
        waiting.splice(waiting.indexOf(give), 1);
        reject(signal?.reason);
      };
      waiting.push(give);
      signal?.addEventListener('abort', drop, { once: true });
    });
  }

  return async (task, signal) => {
    signal?.throwIfAborted();
    await enter(signal);
    try {
      return await task();
    } finally {
      leave();
    }
  };
}
