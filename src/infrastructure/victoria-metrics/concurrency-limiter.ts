import { QueryError } from '../../shared/errors.ts';

export interface ConcurrencyLimits {
  readonly concurrency: number;
  /** How many more may wait. */
  readonly queueLength: number;
  /** How long one may wait. */
  readonly waitMs: number;
}

/** Why a call got no turn, as the label of a metric. */
export type Rejection = 'queue_full' | 'queue_timeout';

/** Lets `concurrency` calls run at once and `queueLength` more wait. It refuses further calls at once. */
export class ConcurrencyLimiter {
  readonly #limits: ConcurrencyLimits;
  readonly #waiting: { start: () => void }[] = [];
  #running = 0;

  constructor(limits: ConcurrencyLimits) {
    this.#limits = limits;
  }

  /**
   * Waits for a turn until `signal` aborts. The caller must call the returned release function exactly once. Rejects
   * with `unavailable` when too many wait already, or when no turn came within `waitMs`.
   */
  async acquire(
    signal: AbortSignal,
    onRejection: (reason: Rejection) => void = () => undefined,
  ): Promise<() => void> {
    const rejection = (reason: Rejection) => {
      onRejection(reason);
      return new QueryError('unavailable', 'Too many queries are running and waiting; try again later.');
    };
    if (this.#running < this.#limits.concurrency) this.#running++;
    else await this.#turn(signal, rejection);
    return () => this.#release();
  }

  async #turn(signal: AbortSignal, rejection: (reason: Rejection) => QueryError): Promise<void> {
    const { queueLength, waitMs } = this.#limits;
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

  /** Hands its turn to the call that has waited longest, so `#running` stays the same. */
  #release(): void {
    const next = this.#waiting.shift();
    if (next) next.start();
    else this.#running--;
  }
}
