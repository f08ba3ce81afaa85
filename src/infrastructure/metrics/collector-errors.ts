import { textOf, warn } from './series/misuse.ts';

export type CollectorErrorListener = (name: string, error: unknown) => void;

/** Who hears of each source of values that failed, was late or returned what no scraper reads. */
export class CollectorErrors {
  readonly #listeners: Set<CollectorErrorListener>;
  #hasWarned = false;

  /** Without a first listener the process warns once of each name. */
  constructor(first: CollectorErrorListener = createWarner()) {
    this.#listeners = new Set([first]);
  }

  add(listener: CollectorErrorListener): void {
    this.#listeners.add(listener);
  }

  /** Tells all listeners. What one of them throws ends here. */
  readonly report: CollectorErrorListener = (name, error) => {
    for (const listener of this.#listeners) {
      try {
        listener(name, error);
      } catch (thrown) {
        if (!this.#hasWarned)
          warn(`the listener for errors of collectors failed at ${name}: ${textOf(thrown)}`);
        this.#hasWarned = true;
      }
    }
  };
}

function createWarner(): CollectorErrorListener {
  const names = new Set<string>();
  return (name, error) => {
    if (names.has(name)) return;
    names.add(name);
    warn(`${name} is left out of scrapes, because its values are not known: ${textOf(error)}`);
  };
}
