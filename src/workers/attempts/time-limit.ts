export interface Expiring {
  /** Called when the limit is over. */
  expire(): void;
}

/**
 * One time limit for many entries. All have the same length, so they expire in the order in which they were added: one
 * timer serves them all, and no entry sets or clears one.
 */
export class TimeLimit {
  readonly limitMs: number;
  /** Expiry time of each entry, soonest first. */
  readonly #expiryTimes = new Map<Expiring, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(limitMs: number) {
    this.limitMs = limitMs;
  }

  add(entry: Expiring): void {
    this.#expiryTimes.set(entry, performance.now() + this.limitMs);
    this.#timer ??= this.#startTimer(this.limitMs);
  }

  remove(entry: Expiring): void {
    this.#expiryTimes.delete(entry);
  }

  #startTimer(afterMs: number): NodeJS.Timeout {
    return setTimeout(() => this.#expireDue(), Math.ceil(afterMs)).unref();
  }

  #expireDue(): void {
    const now = performance.now();
    for (const [entry, expiryTime] of this.#expiryTimes) {
      if (expiryTime > now) {
        this.#timer = this.#startTimer(expiryTime - now);
        return;
      }
      this.#expiryTimes.delete(entry);
      entry.expire();
    }
    this.#timer = undefined;
  }
}
