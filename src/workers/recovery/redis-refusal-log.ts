import type { Logger } from '../../shared/service/logging.ts';

/** Longer than from one stall check to the next: while Redis refuses, it refuses each of them. */
const CALM_MS = 4_000;

/** Logs one line when Redis begins to refuse commands and one when it stops, however many it refused between. */
export class RedisRefusalLog {
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
    // Not the error itself: ioredis puts the command on it, and with it the task's payload.
    this.#logger.warn({ reason: error.message }, 'redis refuses commands; trying again until it takes them');
    const firstAt = this.#lastAt;
    this.#calm = setTimeout(() => {
      this.#calm = undefined;
      this.#logger.info({ refused_seconds: (this.#lastAt - firstAt) / 1000 }, 'redis takes commands again');
    }, CALM_MS).unref();
  }
}
