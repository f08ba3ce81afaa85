const waiting: (() => void)[] = [];

/**
 * Runs a step that may take tens of milliseconds, in its turn: first come, first served. The event loop serves others
 * after each step and what follows from it at once, however many answers arrive together. Rejects with what the step
 * throws.
 */
export function inTurn<T>(step: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    waiting.push(() => {
      try {
        resolve(step());
      } catch (error) {
        reject(error);
      }
    });
    if (waiting.length === 1) setImmediate(runNext);
  });
}

function runNext(): void {
  waiting[0]?.();
  waiting.shift();
  if (waiting.length > 0) setImmediate(runNext);
}
