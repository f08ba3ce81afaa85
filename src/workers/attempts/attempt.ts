import { asFailure, failure } from './failure.ts';
import type { Expiring, TimeLimit } from './time-limit.ts';

type InContext = (run: () => void) => void;

/** An attempt that runs. It ends with its work, or at once when it is aborted, even if the work ignores its signal. */
export class Attempt implements Expiring {
  readonly ended: Promise<unknown>;
  readonly #controller = new AbortController();
  readonly #timeLimit: TimeLimit;
  readonly #resolve: (result: unknown) => void;
  readonly #reject: (error: Error) => void;
  readonly #inContext: InContext;

  /** `inContext` calls the signal's listeners in this attempt's context: another attempt may have set the timer. */
  constructor(timeLimit: TimeLimit, inContext: InContext = (run) => run()) {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.ended = promise;
    this.#timeLimit = timeLimit;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#inContext = inContext;
    timeLimit.add(this);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Ends the attempt as `work` ends. */
  follow(work: Promise<unknown>): void {
    work.then(
      (result) => {
        this.#timeLimit.remove(this);
        this.#resolve(result);
      },
      (error: unknown) => {
        this.#timeLimit.remove(this);
        this.#reject(asFailure(error));
      },
    );
  }

  abort(reason: Error): void {
    this.#timeLimit.remove(this);
    this.#reject(reason);
    this.#inContext(() => this.#controller.abort(reason));
  }

  expire(): void {
    this.abort(failure('timeout', `The handler did not end within ${this.#timeLimit.limitMs / 1000} s.`));
  }
}
