import { RecentMap } from '../../recent-map.ts';

/** So many wrong tokens a minute from one address; a scraper whose token was rotated stays below it. */
const MAX_WRONG = 30;
const WINDOW_MS = 60_000;
/** Addresses beyond this many push out the one that was seen first, so that memory stays bounded. */
const MAX_ADDRESSES = 10_000;

interface Window {
  readonly endsAt: number;
  count: number;
}

/**
 * Counts wrong tokens by address, so that nobody can try many. A limit on an address holds up no token that came from
 * it before: behind a proxy or NAT all clients have one address.
 */
export class WrongTokenLimit {
  readonly #windows = new RecentMap<string, Window>(MAX_ADDRESSES);
  /** Addresses with the names of the tokens that were valid there. */
  readonly #known = new Set<string>();
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

  /** Whether a valid token passes: where there is no limit now, or where the token passed before. */
  mayPass(address: string, tokenName: string): boolean {
    const pair = `${address} ${tokenName}`;
    if (this.#known.has(pair)) return true;
    if (this.waitSeconds(address) > 0) return false;
    if (this.#known.size >= MAX_ADDRESSES) this.#known.clear();
    this.#known.add(pair);
    return true;
  }

  /** Counts one. Returns whether it is the window's first, and so to be logged. */
  note(address: string): boolean {
    const now = this.#now();
    const window = this.#windows.get(address);
    if (window !== undefined && window.endsAt > now) {
      window.count += 1;
      return false;
    }
    this.#windows.set(address, { endsAt: now + WINDOW_MS, count: 1 });
    return true;
  }
}
