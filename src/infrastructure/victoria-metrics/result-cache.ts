import type { Answer } from './shared-answer.ts';

const MAX_CACHE_BYTES = 32 * 1024 * 1024;

/** Answers for a moment, the oldest dropped first when they are too many bytes. */
export class ResultCache {
  readonly #keepMs: number;
  readonly #kept = new Map<string, { answer: Answer; size: number; expiresAt: number }>();
  #size = 0;

  constructor(keepMs: number) {
    this.#keepMs = keepMs;
  }

  get(key: string): Answer | undefined {
    const entry = this.#kept.get(key);
    if (entry === undefined || entry.expiresAt > performance.now()) return entry?.answer;
    this.#drop(key);
    return undefined;
  }

  /** Keeps a whole body; an answer kept already keeps its age. Streams are not kept. */
  keep(key: string, answer: Answer): void {
    if (this.#keepMs === 0 || !(answer.body instanceof Buffer) || this.get(key) !== undefined) return;
    const size = answer.body.length + key.length * 2;
    this.#kept.set(key, { answer, size, expiresAt: performance.now() + this.#keepMs });
    this.#size += size;
    for (const oldest of this.#kept.keys()) {
      if (this.#size <= MAX_CACHE_BYTES) break;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    this.#size -= this.#kept.get(key)?.size ?? 0;
    this.#kept.delete(key);
  }
}
