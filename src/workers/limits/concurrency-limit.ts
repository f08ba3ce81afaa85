/** What became of a task that was to be woken. */
export type Waking = 'woken' | 'gone' | 'paused';

/**
 * Puts a task that was put off first in line. `isFetching`: this process is about to ask for a task, so that no other
 * need be told that there is one.
 */
export type Wake = (id: string, isFetching: boolean) => Promise<Waking>;

/** A refused task comes back by itself after this, also when the process that would have woken it is gone. */
const RETURN_MS = 5_000;
/** Refused tasks come back by themselves no closer together than this, however many there are. */
const RETURN_SPACING_MS = 20;
/** After this a woken task that did not come is taken to run in another process, and the next is woken. */
const EXPECT_MS = 250;
/** Tasks past this many are not woken but come back by themselves. */
const MAX_PARKED = 10_000;

/**
 * So many tasks at once. A task that finds no slot is put off, and woken when a slot becomes free, in the order in
 * which they came.
 */
export class Slots {
  readonly #limit: number;
  readonly #wake: Wake;
  /** In the order in which they came; a woken one keeps its place until it runs. */
  readonly #parked = new Set<string>();
  /** Woken tasks that have not come yet, and until when each is waited for. */
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

  /** To be called where there is room; answers what gives the slot back. */
  take(id: string): () => void {
    this.#expected.delete(id);
    this.#parked.delete(id);
    this.#running++;
    return () => {
      this.#running--;
      void this.#wakeNext(true);
    };
  }

  /** After how many milliseconds a task that was refused is to come back if it is not woken. */
  nextReturnMs(): number {
    const now = performance.now();
    this.#lastReturnMs = Math.max(now + RETURN_MS, this.#lastReturnMs + RETURN_SPACING_MS);
    return this.#lastReturnMs - now;
  }

  /** The task has been put off: from now on it can be woken. */
  park(id: string): void {
    this.#expected.delete(id);
    if (this.#parked.size < MAX_PARKED) this.#parked.add(id);
    void this.#wakeNext(true);
  }

  /** One at a time, so that they come in order. What is done before the first `await` reaches Redis before the task's end. */
  async #wakeNext(isFetching: boolean): Promise<void> {
    if (this.#isWaking) return;
    this.#isWaking = true;
    let isFirst = isFetching;
    for (const id of this.#parked) {
      if (this.#running + this.#countExpected() >= this.#limit) break;
      if (this.#expected.has(id)) continue;
      this.#expected.set(id, performance.now() + EXPECT_MS);
      const waking = await this.#wake(id, isFirst).catch(() => 'paused' as const); // or Redis is away: later, then
      if (waking === 'woken') isFirst = false;
      else this.#expected.delete(id);
      if (waking === 'gone') this.#parked.delete(id);
      if (waking === 'paused') break;
    }
    this.#isWaking = false;
    if (this.#parked.size > 0) this.#timer ??= setTimeout(() => this.#look(), EXPECT_MS).unref();
  }

  #look(): void {
    this.#timer = undefined;
    void this.#wakeNext(false);
  }

  #countExpected(): number {
    const now = performance.now();
    for (const [id, untilMs] of this.#expected) if (untilMs < now) this.#expected.delete(id);
    return this.#expected.size;
  }
}
