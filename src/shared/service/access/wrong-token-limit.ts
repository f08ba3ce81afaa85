/** So many wrong tokens a minute from one address; a scraper whose token was rotated stays below it. */
const MAX_WRONG = 30;
const WINDOW_MS = 60_000;
/** Addresses beyond this many push out the one that was seen first, so that memory stays bounded. */
const MAX_ADDRESSES = 10_000;

interface Window {
  readonly endsAt: number;
  count: number;
}

/** Counts wrong tokens by address, so that nobody can try many. */
export class WrongTokenLimit {
  readonly #windows = new Map<string, Window>();
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Seconds for which the address must wait before it may send another token; 0 when it may now. */
  waitSeconds(address: string): number {
    const window = this.#windows.get(address);
    if (window === undefined || window.count < MAX_WRONG) return 0;
    return Math.max(0, Math.ceil((window.endsAt - this.#now()) / 1000));
  }

  /** Counts one. Returns whether it is the window's first, and so to be logged. */
  note(address: string): boolean {
    const now = this.#now();
    const window = this.#windows.get(address);
    if (window !== undefined && window.endsAt > now) {
      window.count += 1;
      return false;
    }
    this.#windows.delete(address);
    const [oldest] = this.#windows.keys();
    if (this.#windows.size >= MAX_ADDRESSES && oldest !== undefined) this.#windows.delete(oldest);
    this.#windows.set(address, { endsAt: now + WINDOW_MS, count: 1 });
    return true;
  }
}
