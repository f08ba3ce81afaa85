/** Brings metrics up to date just before they are rendered. */
export interface Collector {
  readonly name: string;
  /** The signal aborts when the time limit is over; what is set after that shows at the next scrape. */
  collect(signal: AbortSignal): void | Promise<void>;
}

/** Something to run before a rendering. Runs of the same `key` are shared. */
export interface Job {
  readonly key: object;
  readonly name: string;
  run(signal: AbortSignal): unknown;
}

/**
 * Runs jobs side by side under one time limit, so that none can hold up or break a scrape. A job that still
 * runs from an earlier gathering is awaited, not started again.
 */
export class Gathering {
  readonly #running = new Map<object, Promise<unknown>>();
  readonly #onError: (name: string, error: unknown) => void;

  constructor(onError: (name: string, error: unknown) => void) {
    this.#onError = onError;
  }

  /** Answers what each job that ended in time came to, by key; the others are told to `onError`. */
  async run(jobs: readonly Job[], timeLimitMs: number): Promise<Map<object, unknown>> {
    const results = new Map<object, unknown>();
    const abort = new AbortController();
    const pending: Promise<void>[] = [];
    const late = new Map<object, string>();
    for (const { key, name, run } of jobs) {
      const running = this.#start(key, () => run(abort.signal));
      late.set(key, name);
      const ended = running.then(
        (result) => {
          if (late.delete(key)) results.set(key, result);
        },
        (error: unknown) => {
          if (late.delete(key)) this.#onError(name, error);
        },
      );
      pending.push(ended);
    }
    await this.#within(timeLimitMs, Promise.all(pending), abort);
    for (const name of late.values())
      this.#onError(name, new Error(`expected ${name} within ${timeLimitMs} ms`));
    late.clear();
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

  /** Until the work has ended or the limit is over, whichever is first. */
  async #within(limitMs: number, work: Promise<unknown>, abort: AbortController): Promise<void> {
    const { promise: over, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      abort.abort(new DOMException(`over the limit of ${limitMs} ms`, 'TimeoutError'));
      resolve();
    }, limitMs);
    await Promise.race([work, over]);
    clearTimeout(timer);
  }
}
