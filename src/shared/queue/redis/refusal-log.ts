import type { Logger } from '../../service/logging.ts';
import { refusalCode } from '../errors.ts';

/** Longer than from one check or stall check to the next: while Redis refuses, it refuses each of them. */
const CALM_MS = 4_000;

/**
 * Logs one line when Redis begins to refuse commands, one when the reason changes, and one when it stops, however many
 * it refused between.
 */
export class RefusalLog {
  readonly #logger: Logger;
  #calm: NodeJS.Timeout | undefined;
  #codes = new Set<string>();
  #firstAt = 0;
  #lastAt = 0;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  note(error: Error): void {
    this.#lastAt = performance.now();
    if (this.#calm) this.#calm.refresh();
    else this.#begin();
    const code = refusalCode(error);
    if (this.#codes.has(code)) return;
    this.#codes.add(code);
    // Not the error itself: ioredis puts the command on it, and with it the task's payload.
    this.#logger.warn({ reason: error.message }, 'redis refuses commands; trying again until it takes them');
  }

  #begin(): void {
    this.#firstAt = this.#lastAt;
    this.#codes.clear();
    this.#calm = setTimeout(() => {
      this.#calm = undefined;
      this.#logger.info(
        { refused_seconds: (this.#lastAt - this.#firstAt) / 1000 },
        'redis takes commands again',
      );
    }, CALM_MS).unref();
  }
}
