/**
 * A map that forgets: it has at least what the last `size` calls of `set` gave it, and at most twice as much. To delete the
 * oldest entry at each call would take longer, as a Map looks for it among all that were deleted before.
 */
export class RecentMap<K, V> {
  readonly #size: number;
  #newer = new Map<K, V>();
  #older = new Map<K, V>();

  constructor(size: number) {
    this.#size = size;
  }

  get(key: K): V | undefined {
    return this.#newer.get(key) ?? this.#older.get(key);
  }

  set(key: K, value: V): void {
    this.#newer.set(key, value);
    if (this.#newer.size < this.#size) return;
    this.#older = this.#newer;
    this.#newer = new Map();
  }

  /** Returns whether there was such an entry. */
  delete(key: K): boolean {
    const wasNewer = this.#newer.delete(key);
    return this.#older.delete(key) || wasNewer;
  }
}
