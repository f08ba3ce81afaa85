/**
 * Lets one task at a time have this process for itself. So when the process dies, that task is to blame. While a task
 * has it, or waits until the others have ended, no worker of the process starts another. All queues of a process share one.
 */
export class Solitude {
  readonly #activeCounts: (() => number)[] = [];
  #waiting: { id: string; idle: PromiseWithResolvers<void> } | undefined;
  #free: PromiseWithResolvers<void> | undefined;

  /** `activeCount` returns how many handlers of one queue run now. Call `attemptEnded` when it falls. */
  watch(activeCount: () => number): void {
    this.#activeCounts.push(activeCount);
  }

  /** Resolves when the process is free for all tasks; undefined when it is. */
  get untilFree(): Promise<void> | undefined {
    return this.#free?.promise;
  }

  /**
   * Does the work once no handler runs. Each of them has a time limit, so that time comes. Returns false, without having
   * done it, while a task of another queue has the process.
   */
  async run(id: string, work: () => Promise<boolean>): Promise<boolean> {
    if (this.#free !== undefined) return false;
    const free = Promise.withResolvers<void>();
    this.#free = free;
    try {
      if (this.#isBusy()) {
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
    if (!this.#isBusy()) this.#waiting?.idle.resolve();
  }

  #isBusy(): boolean {
    return this.#activeCounts.some((count) => count() > 0);
  }

  /** Ends the wait of the task, or of any task when no id is given. */
  stopWaiting(reason: Error, id = this.#waiting?.id): void {
    if (this.#waiting?.id === id) this.#waiting?.idle.reject(reason);
  }
}
