import type { ListenerObserver } from '../../infrastructure/metrics/index.ts';
import { overloaded } from '../../shared/errors.ts';

type Kind = Parameters<ListenerObserver['changed']>[0];

const MOST: Readonly<Record<Kind, number>> = { stream: 100, wait: 1_000 };
const TOO_MANY: Readonly<Record<Kind, string>> = {
  stream: 'too many open streams of events',
  wait: 'too many requests that wait for tasks',
};

/** How many clients of one kind listen to this process at once, whichever queues they follow. */
export class ListenerLimit {
  readonly #kind: Kind;
  readonly #observer: ListenerObserver;
  #count = 0;

  constructor(kind: Kind, observer: ListenerObserver) {
    this.#kind = kind;
    this.#observer = observer;
  }

  get isFull(): boolean {
    return this.#count >= MOST[this.#kind];
  }

  /** Returns a function that gives the place back; to call it again does nothing. Throws ASDLC_OVERLOADED. */
  take(): () => void {
    if (this.isFull) throw overloaded(TOO_MANY[this.#kind]);
    this.#change(1);
    let isTaken = true;
    return () => {
      if (isTaken) this.#change(-1);
      isTaken = false;
    };
  }

  #change(by: number): void {
    this.#count += by;
    this.#observer.changed(this.#kind, this.#count);
  }
}
