import type { Answer } from './coalesced-request.ts';

const MAX_CACHE_BYTES = 32 * 1024 * 1024;

/** How many questions that were asked once are remembered. */
const MAX_ASKED = 1_000;

/** What an entry takes beside its key and its body. */
const ENTRY_BYTES = 500;

interface Entry {
  readonly answer: Answer;
  readonly sizeBytes: number;
  readonly expiresAt: number;
}

/**
 * Answers for a moment, the oldest dropped first when they are too many bytes. Only what is asked a second time is kept:
 * most questions are asked once, and to copy their answers would cost more than the cache gains.
 */
export class ResultCache {
  readonly #keepMs: number;
  /** The oldest first, and so the first to expire. */
  readonly #kept = new Map<string, Entry>();
  readonly #asked = new Set<string>();
  #sizeBytes = 0;

  constructor(keepMs: number) {
    this.#keepMs = keepMs;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** An answer, and how much longer it will be kept. */
  get(key: string): (Answer & { readonly keptForMs: number }) | undefined {
    const entry = this.#kept.get(key);
    const keptForMs = (entry?.expiresAt ?? 0) - performance.now();
    return entry === undefined || keptForMs <= 0 ? undefined : { ...entry.answer, keptForMs };
  }

  /** Keeps a whole body at the second time; an answer kept already keeps its age. Streams are not kept. */
  keep(key: string, { gzip, body }: Answer): void {
    if (this.#keepMs === 0 || !Buffer.isBuffer(body) || this.get(key) !== undefined) return;
    if (!this.#wasAsked(key)) return;
    this.#drop(key);
    // A copy of its own: what came may be a part of a larger buffer, which would be kept whole.
    const own = Buffer.allocUnsafeSlow(body.length);
    body.copy(own);
    const sizeBytes = own.length + key.length * 2 + ENTRY_BYTES;
    const expiresAt = performance.now() + this.#keepMs;
    this.#kept.set(key, { answer: { gzip, body: own }, sizeBytes, expiresAt });
    this.#sizeBytes += sizeBytes;
    this.#trim();
  }

  #wasAsked(key: string): boolean {
    if (this.#asked.delete(key)) return true;
    const [oldest] = this.#asked;
    if (this.#asked.size >= MAX_ASKED && oldest !== undefined) this.#asked.delete(oldest);
    this.#asked.add(key);
    return false;
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
