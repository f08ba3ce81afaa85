/**
 * The calls of one metric that could not be taken as they came: a number that is none, an unknown label, a bad
 * exemplar. They never throw, because their values may come from a request. The first one becomes a warning of the
 * process, which Node prints; the others are counted.
 */
export class Misuse {
  readonly #metric: string;
  count = 0;

  constructor(metric: string) {
    this.#metric = metric;
  }

  /** `reason` is an error, or makes the text. It runs for the first misuse only. */
  report(reason: unknown): void {
    this.count += 1;
    if (this.count > 1) return;
    const text = textOf(reason).replace(`${this.#metric}: `, '');
    warn(`${this.#metric}: ${text}; the next ones are counted, not shown`);
  }
}

/** A warning of the process. It throws nothing and ends nothing. */
export function warn(message: string): void {
  process.emitWarning(message, { type: 'MetricsWarning' });
}

/** What an unknown value says of itself, if it can. */
export function textOf(reason: unknown): string {
  try {
    if (typeof reason === 'function') return String(reason());
    return reason instanceof Error ? String(reason.message) : String(reason);
  } catch {
    return 'an error without a text';
  }
}
