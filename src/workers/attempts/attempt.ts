import type { Deadlines, Expiring } from './deadlines.ts';
import { asFailure, failure } from './failure.ts';

type InContext = (run: () => void) => void;

/** An attempt under way. It is over when its work ends or, whether the work heeds its signal or not, when it is aborted. */
export class Attempt implements Expiring {
  readonly ended: Promise<unknown>;
  readonly #controller = new AbortController();
  readonly #deadlines: Deadlines;
  readonly #resolve: (result: unknown) => void;
  readonly #reject: (error: Error) => void;
  readonly #inContext: InContext;

  /** Listeners to the signal run by way of `inContext`: the deadlines' timer was set by another attempt. */
  constructor(deadlines: Deadlines, inContext: InContext = (run) => run()) {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.ended = promise;
    this.#deadlines = deadlines;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#inContext = inContext;
    deadlines.add(this);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Ends with the work. */
  follow(work: Promise<unknown>): void {
    work.then(
      (result) => {
        this.#deadlines.remove(this);
        this.#resolve(result);
      },
      (error: unknown) => {
        this.#deadlines.remove(this);
        this.#reject(asFailure(error));
      },
    );
  }

  abort(reason: Error): void {
    this.#deadlines.remove(this);
    this.#reject(reason);
    this.#inContext(() => this.#controller.abort(reason));
  }

  expire(): void {
    this.abort(failure('timeout', `The handler did not end within ${this.#deadlines.limitMs / 1000} s.`));
  }
}
