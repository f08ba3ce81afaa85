import { asFailure, failure } from './failure.ts';
import type { TaskScope } from './task-scope.ts';
import type { Expiring, TimeLimit } from './time-limit.ts';

/** An attempt that runs. It ends with its work, or at once when it is aborted, even if the work ignores its signal. */
export class Attempt implements Expiring {
  readonly ended: Promise<unknown>;
  readonly #controller = new AbortController();
  readonly #timeLimit: TimeLimit;
  readonly #scope: TaskScope;
  readonly #resolve: (result: unknown) => void;
  readonly #reject: (error: Error) => void;
  readonly #inContext: (run: () => void) => void;

  /** `inContext` calls the signal's listeners in this attempt's context: another attempt may have set the timer. */
  constructor(timeLimit: TimeLimit, scope: TaskScope, inContext = (run: () => void) => run()) {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.ended = promise;
    this.#timeLimit = timeLimit;
    this.#scope = scope;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#inContext = inContext;
    timeLimit.add(this);
    scope.open((thrown) => this.abort(asFailure(thrown)));
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Ends the attempt as `work` ends. */
  follow(work: Promise<unknown>): void {
    work.then(
      (result) => {
        this.#end();
        this.#resolve(result);
      },
      (thrown: unknown) => {
        this.#end();
        this.#reject(asFailure(thrown));
      },
    );
  }

  abort(reason: Error): void {
    this.#end();
    this.#reject(reason);
    this.#inContext(() => this.#scope.run(() => this.#controller.abort(reason)));
  }

  expire(): void {
    this.abort(failure('timeout', `The handler did not end within ${this.#timeLimit.limitMs / 1000} s.`));
  }

  #end(): void {
    this.#timeLimit.remove(this);
    this.#scope.close();
  }
}
