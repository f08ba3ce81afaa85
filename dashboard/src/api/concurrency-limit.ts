/** Runs `run` when its turn comes. Rejects with the signal's reason if the signal aborts before that. */
export type ConcurrencyLimit = <T>(run: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

/**
 * Lets at most `limit` requests run at once; the others wait in order. A browser opens six connections to a server. If
 * queries of a TSDB that hangs took all of them, no request was left that could say so.
 */
export function createConcurrencyLimit(limit: number): ConcurrencyLimit {
  let running = 0;
  const waiting: (() => void)[] = [];

  function leave(): void {
    running -= 1;
    waiting.shift()?.();
  }

  function enter(signal: AbortSignal | undefined): Promise<void> {
    if (running < limit) {
      running += 1;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const start = () => {
        signal?.removeEventListener('abort', drop);
        running += 1;
        resolve();
      };
      const drop = () => {
        waiting.splice(waiting.indexOf(start), 1);
        reject(signal?.reason);
      };
      waiting.push(start);
      signal?.addEventListener('abort', drop, { once: true });
    });
  }

  return async (run, signal) => {
    signal?.throwIfAborted();
    await enter(signal);
    try {
      return await run();
    } finally {
      leave();
    }
  };
}
