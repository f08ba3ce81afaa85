import { QueryError } from '../../shared/errors.ts';

/** Lets `concurrency` calls run at once and `queueLength` more wait; a further one is refused at once. */
export class Limiter {
  readonly #concurrency: number;
  readonly #queueLength: number;
  readonly #waiting: { start: () => void }[] = [];
  #running = 0;

  constructor(concurrency: number, queueLength: number) {
    this.#concurrency = concurrency;
    this.#queueLength = queueLength;
  }

  /** Waits for a turn until `signal` aborts; the caller must call the release function exactly once. */
  async acquire(signal: AbortSignal): Promise<() => void> {
    if (this.#running < this.#concurrency) this.#running++;
    else await this.#turn(signal);
    return () => this.#release();
  }

  async #turn(signal: AbortSignal): Promise<void> {
    if (this.#waiting.length >= this.#queueLength) {
      throw new QueryError('unavailable', 'Too many queries are running and waiting; try again later.');
    }
    await new Promise<void>((resolve, reject) => {
      const entry = { start: resolve };
      this.#waiting.push(entry);
      signal.addEventListener(
        'abort',
        () => {
          const index = this.#waiting.indexOf(entry);
          if (index !== -1) this.#waiting.splice(index, 1);
          reject(signal.reason);
        },
        { once: true },
      );
    });
  }

  /** Hands the place to the longest waiting, so that `#running` stays as it is. */
  #release(): void {
    const next = this.#waiting.shift();
    if (next) next.start();
    else this.#running--;
  }
}
