export interface Expiring {
  /** Called when its time is over. */
  expire(): void;
}

/**
 * Time limits that all have the same length, so that they end in the order in which they began: one timer does for any
 * number of them, and nothing is set and cleared for each.
 */
export class Deadlines {
  readonly limitMs: number;
  /** When each is over, the first first. */
  readonly #ends = new Map<Expiring, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(limitMs: number) {
    this.limitMs = limitMs;
  }

  add(entry: Expiring): void {
    this.#ends.set(entry, performance.now() + this.limitMs);
    this.#timer ??= this.#wake(this.limitMs);
  }

  remove(entry: Expiring): void {
    this.#ends.delete(entry);
  }

  #wake(afterMs: number): NodeJS.Timeout {
    return setTimeout(() => this.#look(), Math.ceil(afterMs)).unref();
  }

  #look(): void {
    const now = performance.now();
    for (const [entry, end] of this.#ends) {
      if (end > now) {
        this.#timer = this.#wake(end - now);
        return;
      }
      this.#ends.delete(entry);
      entry.expire();
    }
    this.#timer = undefined;
  }
}
