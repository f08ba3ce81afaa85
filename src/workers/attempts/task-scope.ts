import { AsyncLocalStorage } from 'node:async_hooks';

export interface TaskIdentity {
  readonly id: string;
  readonly eventType: string;
  readonly traceId: string | undefined;
}

/** Takes an error that a task left behind; `count` is 1 for its first. */
export type OnStray = (task: TaskIdentity, thrown: unknown, count: number) => void;

const scopes = new AsyncLocalStorage<TaskScope>();

/**
 * What a handler does belongs to its task: also the timers, callbacks and promises that it leaves behind. An error that
 * nobody catches fails the attempt while it runs. After that it goes to `onStray`.
 */
export class TaskScope {
  readonly task: TaskIdentity;
  readonly #onStray: OnStray;
  #fail: ((thrown: unknown) => void) | undefined;
  #last: unknown;
  #strayCount = 0;

  constructor(task: TaskIdentity, onStray: OnStray) {
    this.task = task;
    this.#onStray = onStray;
  }

  /** The task to which the running code belongs. */
  static current(): TaskIdentity | undefined {
    return scopes.getStore()?.task;
  }

  /** Takes an uncaught error of the running code. Returns false when that belongs to no task. */
  static claim(thrown: unknown): boolean {
    const scope = scopes.getStore();
    if (scope === undefined) return false;
    scope.#catch(thrown);
    return true;
  }

  run<T>(work: () => T): T {
    return scopes.run(this, work);
  }

  /** The attempt begins. */
  open(fail: (thrown: unknown) => void): void {
    this.#fail = fail;
  }

  /** The attempt has ended. Sockets and timers may keep the scope, but then not the attempt. */
  close(): void {
    this.#fail = undefined;
  }

  #catch(thrown: unknown): void {
    if (thrown === this.#last && this.#last !== undefined) return; // it came twice: by a rejection and a throw
    this.#last = thrown;
    if (this.#fail) this.#fail(thrown);
    else this.#onStray(this.task, thrown, ++this.#strayCount);
  }
}
