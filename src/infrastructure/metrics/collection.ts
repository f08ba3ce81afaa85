/** Brings metrics up to date just before each rendering. */
export interface Collector {
  readonly name: string;
  /** The signal aborts when the time limit is over. Values set after that show at the next scrape. */
  collect(signal: AbortSignal): void | Promise<void>;
}

/**
 * A source of current values that must run before a rendering: a collector, an instrument's own `collect`, or
 * `get()` of a metric of another library. Calls at the same time share the run of one `key`.
 */
export interface Source {
  readonly key: object;
  readonly name: string;
  run(signal: AbortSignal): unknown;
}

/**
 * Runs sources side by side under one time limit, so that none can delay or break a scrape. A source that
 * still runs since an earlier scrape is awaited, not started again.
 */
export class Collection {
  readonly #running = new Map<object, Promise<unknown>>();
  readonly #onError: (name: string, error: unknown) => void;

  /** `onError` hears of each source that failed or was late. */
  constructor(onError: (name: string, error: unknown) => void) {
    this.#onError = onError;
  }

  /** Returns the result of each source that ended in time, by its key. */
  async run(sources: readonly Source[], timeLimitMs: number): Promise<Map<object, unknown>> {
    const results = new Map<object, unknown>();
    const abort = new AbortController();
    const pending: Promise<void>[] = [];
    /** The names of those that have not ended yet. */
    const open = new Map<object, string>();
    for (const { key, name, run } of sources) {
      const running = this.#start(key, () => run(abort.signal));
      open.set(key, name);
      const ended = running.then(
        (result) => {
          if (open.delete(key)) results.set(key, result);
        },
        (error: unknown) => {
          if (open.delete(key)) this.#onError(name, error);
        },
      );
      pending.push(ended);
    }
    await waitWithin(timeLimitMs, Promise.all(pending), abort);
    for (const name of open.values())
      this.#onError(name, new Error(`expected ${name} within ${timeLimitMs} ms`));
    open.clear(); // those that end from now on are neither results nor a second error
    return results;
  }

  #start(key: object, run: () => unknown): Promise<unknown> {
    let running = this.#running.get(key);
    if (running === undefined) {
      running = (async () => run())().finally(() => this.#running.delete(key));
      this.#running.set(key, running);
    }
    return running;
  }
}

/** Resolves when the work has ended or the limit is over. At the limit it aborts the controller. */
async function waitWithin(limitMs: number, work: Promise<unknown>, abort: AbortController): Promise<void> {
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(() => {
    abort.abort(new DOMException(`over the limit of ${limitMs} ms`, 'TimeoutError'));
    resolve();
  }, limitMs);
  await Promise.race([work, over]);
  clearTimeout(timer);
}
