import { RecentMap } from '../../shared/recent-map.ts';
import { isStream, type QueryResponse, sizeOf } from './query-response.ts';

const MAX_CACHE_BYTES = 32 * 1024 * 1024;

/** Copies of larger bodies would cost too much time. */
const MAX_KEPT_BYTES = 256 * 1024;

/** How many keys of queries that were asked once the cache remembers. */
const MAX_ASKED = 1_000;

/** What an entry takes beside its key and its body. */
const ENTRY_BYTES = 500;

/** A response, and for how much longer the cache will return it. */
export type KeptResponse = QueryResponse & { readonly keptForMs: number };
type WholeResponse = QueryResponse & { readonly body: readonly Buffer[] };

interface Entry {
  readonly response: WholeResponse;
  readonly sizeBytes: number;
  readonly expiresAt: number;
}

/**
 * Keeps responses for a short time and drops the oldest when they take too many bytes. It keeps a response only at the
 * second time it gets one: most queries are asked once, and copying their responses would cost more than it gains.
 */
export class ResultCache {
  readonly #keepMs: number;
  /** In order of expiry, soonest first. */
  readonly #kept = new Map<string, Entry>();
  readonly #asked = new RecentMap<string, true>(MAX_ASKED);
  #sizeBytes = 0;

  constructor(keepMs: number) {
    this.#keepMs = keepMs;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get(key: string): (KeptResponse & WholeResponse) | undefined {
    const entry = this.#kept.get(key);
    const keptForMs = (entry?.expiresAt ?? 0) - performance.now();
    return entry === undefined || keptForMs <= 0 ? undefined : { ...entry.response, keptForMs };
  }

  /** Keeps a small body at its second time, and no stream. A response that is kept already keeps its expiry. */
  keep(key: string, { gzip, body }: QueryResponse): void {
    if (this.#keepMs === 0 || isStream(body) || this.get(key) !== undefined) return;
    if (sizeOf(body) > MAX_KEPT_BYTES) return;
    if (!this.#asked.delete(key)) {
      this.#asked.set(key, true);
      return;
    }
    this.#drop(key);
    // A piece may be a slice of a larger buffer, which would stay in memory with it.
    const own = Buffer.allocUnsafeSlow(sizeOf(body));
    body.reduce((at, piece) => at + piece.copy(own, at), 0);
    const sizeBytes = own.length + key.length * 2 + ENTRY_BYTES;
    const expiresAt = performance.now() + this.#keepMs;
    this.#kept.set(key, { response: { gzip, body: [own] }, sizeBytes, expiresAt });
    this.#sizeBytes += sizeBytes;
    this.#trim();
  }

  #trim(): void {
    const now = performance.now();
    for (const [key, { expiresAt }] of this.#kept) {
      if (expiresAt > now && this.#sizeBytes <= MAX_CACHE_BYTES) break;
      this.#drop(key);
    }
  }

  #drop(key: string): void {
    this.#sizeBytes -= this.#kept.get(key)?.sizeBytes ?? 0;
    this.#kept.delete(key);
  }
}
