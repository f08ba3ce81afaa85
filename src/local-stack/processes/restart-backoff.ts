const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 8_000;
const MAX_DEATHS = 5;
const WINDOW_MS = 60_000;

/** Decides when a process that died starts again. A process that lived for 60 s counts as healthy again. */
export class RestartBackoff {
  readonly #deaths: number[] = [];
  #delayMs = 0;

  /**
   * Returns the delay before the next start: 500 ms, doubled at each death up to 8 s. Returns undefined at the fifth
   * death within 60 s: the process does not start again.
   */
  next(diedAtMs: number): number | undefined {
    const wasHealthy = diedAtMs - (this.#deaths.at(-1) ?? Number.NEGATIVE_INFINITY) >= WINDOW_MS;
    this.#delayMs = wasHealthy ? FIRST_DELAY_MS : Math.min(this.#delayMs * 2, MAX_DELAY_MS);
    this.#deaths.push(diedAtMs);
    while ((this.#deaths[0] ?? diedAtMs) <= diedAtMs - WINDOW_MS) this.#deaths.shift();
    return this.#deaths.length < MAX_DEATHS ? this.#delayMs : undefined;
  }
}

/** For messages: the limit at which `next` returns undefined. */
export const RESTART_LIMIT = `${MAX_DEATHS} times within ${WINDOW_MS / 1000} s`;
