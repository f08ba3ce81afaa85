import { QueryError } from '../../shared/errors.ts';

export interface LimiterOptions {
  readonly concurrency: number;
  /** How many more may wait. */
  readonly queueLength: number;
  /** How long one may wait. */
  readonly waitMs: number;
}

/** Why a call got no turn, as the label of a metric. */
export type Rejection = 'queue_full' | 'queue_timeout';

/** Lets `concurrency` calls run at once and `queueLength` more wait; a further one is refused at once. */
export class Limiter {
  readonly #options: LimiterOptions;
  readonly #waiting: { start: () => void }[] = [];
  #running = 0;

  constructor(options: LimiterOptions) {
    this.#options = options;
  }

  /**
   * Waits for a turn until `signal` aborts; the caller must call the release function exactly once. Rejects with
   * `unavailable` when too many wait, or when the turn has not come in time.
   */
  async acquire(
    signal: AbortSignal,
    onRejection: (reason: Rejection) => void = () => undefined,
  ): Promise<() => void> {
    const rejection = (reason: Rejection) => {
      onRejection(reason);
      return new QueryError('unavailable', 'Too many queries are running and waiting; try again later.');
    };
    if (this.#running < this.#options.concurrency) this.#running++;
    else await this.#turn(signal, rejection);
    return () => this.#release();
  }

  async #turn(signal: AbortSignal, rejection: (reason: Rejection) => QueryError): Promise<void> {
    const { queueLength, waitMs } = this.#options;
    if (this.#waiting.length >= queueLength) throw rejection('queue_full');
    await new Promise<void>((resolve, reject) => {
      const leave = (reason: unknown) => {
        const index = this.#waiting.indexOf(entry);
        if (index !== -1) this.#waiting.splice(index, 1);
        settle(() => reject(reason));
      };
      const abort = () => leave(signal.reason);
      const timer = setTimeout(() => leave(rejection('queue_timeout')), waitMs);
      const settle = (end: () => void) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        end();
      };
      const entry = { start: () => settle(resolve) };
      this.#waiting.push(entry);
      signal.addEventListener('abort', abort);
      if (signal.aborted) abort();
    });
  }

  /** Hands the place to the longest waiting, so that `#running` stays as it is. */
  #release(): void {
    const next = this.#waiting.shift();
    if (next) next.start();
    else this.#running--;
  }
}
