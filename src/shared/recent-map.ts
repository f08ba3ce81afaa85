/** A map of the newest entries: `size` at most. */
export class RecentMap<K, V> {
  readonly #size: number;
  /** The newest last. */
  readonly #entries = new Map<K, V>();

  constructor(size: number) {
    this.#size = size;
  }

  get(key: K): V | undefined {
    return this.#entries.get(key);
  }

  /** The entry becomes the newest one. */
  set(key: K, value: V): void {
    this.#entries.delete(key);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size >= this.#size && oldest !== undefined) this.#entries.delete(oldest);
    this.#entries.set(key, value);
  }

  /** Returns whether there was such an entry. */
  delete(key: K): boolean {
    return this.#entries.delete(key);
  }
}
