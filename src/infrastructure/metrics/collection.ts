/** Brings metrics up to date just before each rendering. */
export interface Collector {
  readonly name: string;
  /** What it brings up to date. A scrape at which it fails or is late leaves these metrics out. */
  readonly metrics?: readonly object[];
  /** The signal aborts when nobody waits any longer. Values set after that show at the next scrape. */
  collect(signal: AbortSignal): void | Promise<void>;
}

/**
 * A source of current values that must run before a rendering: a collector, an instrument's own `collect`, or
 * `get()` of a metric of another library. Calls at the same time share the run of one `key`.
 */
export interface Source {
  readonly key: object;
  readonly name: string;
  /** What is not known when the source fails, beside the key. */
  readonly metrics?: readonly object[];
  run(signal: AbortSignal): unknown;
}

/** One run of a source, which several scrapes may wait for, each within a limit of its own. */
interface Run {
  readonly result: Promise<unknown>;
  readonly abort: AbortController;
  waiting: number;
}

/**
 * Runs sources side by side under a time limit, so that none can delay or break a scrape. A source that still runs
 * since an earlier scrape is awaited, not started again. A run is aborted when the last scrape has stopped waiting
 * for it: the short limit of one scraper changes nothing for another.
 */
export class Collection {
  readonly #runs = new Map<object, Run>();
  readonly #onError: (name: string, error: unknown) => void;

  /** `onError` hears of each source that failed or was late. It must not throw. */
  constructor(onError: (name: string, error: unknown) => void) {
    this.#onError = onError;
  }

  /** Returns the result of each source that ended in time, by its key. */
  async run(sources: readonly Source[], timeLimitMs: number): Promise<Map<object, unknown>> {
    const results = new Map<object, unknown>();
    /** The sources that have not ended yet, each with the run that this call waits for. */
    const open = new Map<Source, Run | undefined>(sources.map((source) => [source, undefined]));
    const pending = sources.map(async (source) => {
      const { key, name } = source;
      try {
        const result = await this.#resultOf(source, open);
        if (open.delete(source)) results.set(key, result);
      } catch (error) {
        if (open.delete(source)) this.#onError(name, error);
      }
    });
    await endOrLimit(Promise.all(pending), timeLimitMs);
    for (const [{ name }, run] of open) {
      if (run !== undefined) leave(run, timeLimitMs);
      this.#onError(name, new Error(`expected ${name} within ${timeLimitMs} ms`));
    }
    open.clear(); // those that end from now on are neither results nor a second error
    return results;
  }

  /** Waits for the run under way, or for a new one. After an aborted run it starts another: that one's end says nothing. */
  async #resultOf(source: Source, open: Map<Source, Run | undefined>): Promise<unknown> {
    let run = this.#runs.get(source.key);
    while (run?.abort.signal.aborted) {
      await run.result.catch(() => undefined);
      if (!open.has(source)) return undefined;
      run = this.#runs.get(source.key);
    }
    run ??= this.#start(source);
    run.waiting += 1;
    open.set(source, run);
    return run.result;
  }

  #start({ key, run }: Source): Run {
    const abort = new AbortController();
    const result = (async () => run(abort.signal))().finally(() => this.#runs.delete(key));
    const started = { result, abort, waiting: 0 };
    this.#runs.set(key, started);
    return started;
  }
}

/** Waits no longer for a run. The last one that leaves aborts it. */
function leave(run: Run, limitMs: number): void {
  run.waiting -= 1;
  if (run.waiting > 0) return;
  run.abort.abort(new DOMException(`over the limit of ${limitMs} ms`, 'TimeoutError'));
}

/** Resolves when the work has ended or the limit is over. */
async function endOrLimit(work: Promise<unknown>, limitMs: number): Promise<void> {
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, limitMs);
  await Promise.race([work, over]);
  clearTimeout(timer);
}
