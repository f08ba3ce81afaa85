import type { WakeResult } from '../../shared/queue/bullmq-schema.ts';

/**
 * Makes a delayed task the next that a worker takes. `isFetching`: this process is about to ask for a task, so idle
 * workers need not be told.
 */
export type Wake = (id: string, isFetching: boolean) => Promise<WakeResult>;

/** A refused task comes back by itself after this: another process may have room, or be the only one that is left. */
const RETURN_MS = 500;
/** The shortest time between two refused tasks that come back by themselves. */
const RETURN_SPACING_MS = 20;
/** A woken task that has not come by then probably runs in another process; the next one is woken. */
const EXPECT_MS = 250;
/** Tasks past this many are not woken. They come back by themselves. */
const MAX_PARKED = 10_000;

/**
 * Lets a limited number of tasks run at once. A task that finds no room is delayed. When a running task ends, the
 * limit wakes the task that came first.
 */
export class ConcurrencyLimit {
  readonly #limit: number;
  readonly #wake: Wake;
  /** Delayed tasks in the order in which they came. A woken task keeps its place until it runs. */
  readonly #parked = new Set<string>();
  /** Woken tasks that have not come yet, and until when the limit keeps room for each. */
  readonly #expected = new Map<string, number>();
  #running = 0;
  #isWaking = false;
  #lastReturnMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(limit: number, wake: Wake) {
    this.#limit = limit;
    this.#wake = wake;
  }

  hasRoom(): boolean {
    return this.#running < this.#limit;
  }

  /** Counts a task as running. Call it only where there is room. Returns a function to call when the task has ended. */
  enter(id: string): () => void {
    this.#expected.delete(id);
    this.#parked.delete(id);
    this.#running++;
    return () => {
      this.#running--;
      void this.#wakeNext(true);
    };
  }

  /** Returns the milliseconds after which a refused task comes back by itself if it is not woken. */
  nextReturnMs(): number {
    const now = performance.now();
    this.#lastReturnMs = Math.max(now + RETURN_MS, this.#lastReturnMs + RETURN_SPACING_MS);
    return this.#lastReturnMs - now;
  }

  /** Call it once the task is delayed: from then on it can be woken. */
  park(id: string): void {
    this.#expected.delete(id);
    if (this.#parked.size < MAX_PARKED) this.#parked.add(id);
    void this.#wakeNext(true);
  }

  /**
   * Wakes one task after the other, so that they come in order. The first command is sent before the first `await`, so
   * Redis wakes the task before it stores the end of the one that made room.
   */
  async #wakeNext(isFetching: boolean): Promise<void> {
    if (this.#isWaking) return;
    this.#isWaking = true;
    let isFirst = isFetching;
    for (const id of this.#parked) {
      if (this.#running + this.#countExpected() >= this.#limit) break;
      if (this.#expected.has(id)) continue;
      this.#expected.set(id, performance.now() + EXPECT_MS);
      const result = await this.#wake(id, isFirst).catch(() => 'paused' as const); // Redis is away: try again later
      if (result === 'woken') isFirst = false;
      else this.#expected.delete(id);
      if (result === 'gone') this.#parked.delete(id);
      if (result === 'paused') break;
    }
    this.#isWaking = false;
    if (this.#parked.size > 0) this.#timer ??= setTimeout(() => this.#retryWaking(), EXPECT_MS).unref();
  }

  #retryWaking(): void {
    this.#timer = undefined;
    void this.#wakeNext(false);
  }

  #countExpected(): number {
    const now = performance.now();
    for (const [id, untilMs] of this.#expected) if (untilMs < now) this.#expected.delete(id);
    return this.#expected.size;
  }
}
