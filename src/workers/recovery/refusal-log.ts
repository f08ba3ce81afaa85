import type { Logger } from '../../shared/service/logging.ts';

/** Longer than from one stall check to the next: while Redis refuses, each of them is refused. */
const CALM_MS = 4_000;

/** One line when Redis begins to refuse commands and one when it has stopped to, however many it refused between. */
export class RefusalLog {
  readonly #logger: Logger;
  #calm: NodeJS.Timeout | undefined;
  #lastAt = 0;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  note(error: Error): void {
    this.#lastAt = performance.now();
    if (this.#calm) {
      this.#calm.refresh();
      return;
    }
    // Its message alone: ioredis hangs the command on it, with the task's payload.
    this.#logger.warn({ reason: error.message }, 'redis refuses commands; trying again until it takes them');
    const firstAt = this.#lastAt;
    this.#calm = setTimeout(() => {
      this.#calm = undefined;
      this.#logger.info({ refused_seconds: (this.#lastAt - firstAt) / 1000 }, 'redis takes commands again');
    }, CALM_MS).unref();
  }
}
