/** Repeats a read that grows old. All callers wait for the same one. */
export class SharedRead {
  readonly #read: () => Promise<void>;
  #endedAt = Number.NEGATIVE_INFINITY;
  #running: Promise<void> | undefined;

  /** `read` must not reject. */
  constructor(read: () => Promise<void>) {
    this.#read = read;
  }

  /** Reads when the last read ended longer ago than this. Resolves when that read has ended. */
  async ifOlderThan(ageMs: number): Promise<void> {
    if (performance.now() - this.#endedAt <= ageMs) return;
    this.#running ??= this.#run();
    await this.#running;
  }

  async #run(): Promise<void> {
    await this.#read();
    this.#endedAt = performance.now();
    this.#running = undefined;
  }
}
