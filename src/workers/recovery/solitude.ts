/**
 * Lets one task at a time have this process for itself. So when the process dies, that task is to blame. While a task
 * has it, or waits until the others have ended, the worker starts no other.
 */
export class Solitude {
  readonly #activeCount: () => number;
  #waiting: { id: string; idle: PromiseWithResolvers<void> } | undefined;
  #free: PromiseWithResolvers<void> | undefined;

  /** `activeCount` returns how many handlers run now. Call `attemptEnded` when it falls. */
  constructor(activeCount: () => number) {
    this.#activeCount = activeCount;
  }

  /** Resolves when the process is free for all tasks; undefined when it is. */
  get untilFree(): Promise<void> | undefined {
    return this.#free?.promise;
  }

  /** Does the work once no handler runs. Each of them has a time limit, so that time comes. */
  async run<T>(id: string, work: () => Promise<T>): Promise<T> {
    const free = Promise.withResolvers<void>();
    this.#free = free;
    try {
      if (this.#activeCount() > 0) {
        this.#waiting = { id, idle: Promise.withResolvers() };
        await this.#waiting.idle.promise;
      }
      return await work();
    } finally {
      this.#waiting = undefined;
      this.#free = undefined;
      free.resolve();
    }
  }

  attemptEnded(): void {
    if (this.#activeCount() === 0) this.#waiting?.idle.resolve();
  }

  /** Ends the wait of the task, or of any task when no id is given. */
  stopWaiting(reason: Error, id = this.#waiting?.id): void {
    if (this.#waiting?.id === id) this.#waiting?.idle.reject(reason);
  }
}
