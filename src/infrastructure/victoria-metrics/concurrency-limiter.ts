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
   * Waits for a turn until `over` resolves: with its error the call is rejected. The caller must call the returned release
   * function exactly once. Rejects with `unavailable` when too many wait already, or when no turn came within `waitMs`.
   */
  async acquire(
    over: Promise<Error | undefined>,
    onRejection: (reason: Rejection) => void = () => undefined,
  ): Promise<() => void> {
    const rejection = (reason: Rejection) => {
      onRejection(reason);
      return new QueryError('unavailable', 'Too many queries are running and waiting; try again later.');
    };
    if (this.#running < this.#limits.concurrency) this.#running++;
    else await this.#turn(over, rejection);
    return () => this.#release();
  }

  async #turn(over: Promise<Error | undefined>, rejection: (reason: Rejection) => QueryError): Promise<void> {
    const { queueLength, waitMs } = this.#limits;
    if (this.#waiting.length >= queueLength) throw rejection('queue_full');
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = (makeReason: () => unknown) => {
      const index = this.#waiting.indexOf(entry);
      if (index === -1) return; // it has its turn
      this.#waiting.splice(index, 1);
      clearTimeout(timer);
      reject(makeReason());
    };
    const timer = setTimeout(() => leave(() => rejection('queue_timeout')), waitMs);
    const entry = {
      start: () => {
        clearTimeout(timer);
        resolve();
      },
    };
    this.#waiting.push(entry);
    void over.then((error) => leave(() => error));
    await promise;
  }

  /** Hands its turn to the call that has waited longest, so `#running` stays the same. */
  #release(): void {
    const next = this.#waiting.shift();
    if (next) next.start();
    else this.#running--;
  }
}
