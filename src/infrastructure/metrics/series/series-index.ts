import { LabelDictionary } from './label-dictionary.ts';

const EMPTY = -1;
const REMOVED = -2;

/**
 * Finds a series' slot by its label values.
 *
 * Each value has a number in its label's dictionary. The numbers of a label set make one key, as digits make a
 * number: `(id₀ · radix + id₁) · radix + id₂`. A key stays below 2⁵³ and is thus exact: no two label sets have
 * the same one, while joined texts could collide. A hash table with open addressing finds the keys.
 *
 * A dictionary may outgrow the radix: one label has more than 1,024 values beside four others. From then on
 * label sets can share a key, and a look-up compares the values too.
 */
export class SeriesIndex {
  readonly #names: readonly string[];
  readonly #dictionaries: readonly LabelDictionary[];
  readonly #radix: number;
  #isExact = true;
  /** Slots by hash. Its length is a power of two. */
  #table = new Int32Array(16).fill(EMPTY);
  /** Entries that are not EMPTY, removed ones included. */
  #filled = 0;
  #size = 0;
  /** What the last look-up found, because labels often repeat. */
  #lastKey = -1;
  #lastSlot = -1;
  /** By slot: its key, and the numbers of its label values. */
  #keys = new Float64Array(0);
  #ids = new Int32Array(0);

  constructor(names: readonly string[]) {
    this.#names = [...names]; // a copy that is not frozen: V8 reads frozen arrays three times as slowly
    this.#dictionaries = names.map(() => new LabelDictionary());
    this.#radix = 2 ** Math.floor(53 / Math.max(names.length, 1));
  }

  /**
   * The slot of a label object in the usual case: all names, in order, with known values. In any other case
   * undefined, even when there is such a series.
   */
  findUsual(labels: object): number | undefined {
    const names = this.#names;
    const dictionaries = this.#dictionaries;
    const radix = this.#radix;
    let key = 0;
    let position = 0;
    for (const name in labels) {
      if (name !== names[position]) return undefined;
      const value: unknown = (labels as Record<string, unknown>)[name]; // `name` is one of its keys
      const text = typeof value === 'number' ? String(value) : value;
      if (typeof text !== 'string') return undefined;
      const id = (dictionaries[position] as LabelDictionary).idOf(text); // there is one for each name
      if (id === undefined) return undefined;
      key = key * radix + id;
      position += 1;
    }
    if (position !== names.length || !this.#isExact) return undefined;
    if (key === this.#lastKey) return this.#lastSlot;
    const slot = this.#probe(key);
    if (slot !== undefined) {
      this.#lastKey = key;
      this.#lastSlot = slot;
    }
    return slot;
  }

  /** The slot of label values in the order of the names. */
  find(path: readonly string[]): number | undefined {
    let key = 0;
    for (const [position, value] of path.entries()) {
      const id = this.#dictionaries[position]?.idOf(value);
      if (id === undefined) return undefined;
      key = key * this.#radix + id;
    }
    return this.#isExact ? this.#probe(key) : this.#probe(key, path);
  }

  insert(path: readonly string[], slot: number): void {
    this.#makeRoom(slot);
    let key = 0;
    path.forEach((value, position) => {
      const id = this.#dictionaries[position]?.acquire(value) ?? 0;
      this.#ids[slot * path.length + position] = id;
      key = key * this.#radix + id;
      if (id >= this.#radix) this.#isExact = false;
    });
    this.#keys[slot] = key;
    this.#size += 1;
    this.#place(slot);
  }

  remove(slot: number): void {
    let at = hash(this.#keys[slot] ?? 0);
    while (this.#table[at & (this.#table.length - 1)] !== slot) at += 1;
    this.#table[at & (this.#table.length - 1)] = REMOVED;
    this.#size -= 1;
    this.#lastKey = -1;
    this.#dictionaries.forEach((dictionary, position) => {
      dictionary.release(this.#ids[slot * this.#names.length + position] ?? 0);
    });
  }

  labelValuesOf(slot: number): string[] {
    const first = slot * this.#names.length;
    return this.#dictionaries.map((dictionary, position) =>
      dictionary.valueOf(this.#ids[first + position] ?? 0),
    );
  }

  /** Searches from the key's hash on. With a path it also compares the values. */
  #probe(key: number, path?: readonly string[]): number | undefined {
    const table = this.#table;
    const mask = table.length - 1;
    for (let at = hash(key) & mask; ; at = (at + 1) & mask) {
      const slot = table[at] as number; // `at` lies within the table, which always has an empty entry
      if (slot === EMPTY) return undefined;
      if (slot === REMOVED || this.#keys[slot] !== key) continue;
      if (path === undefined || this.labelValuesOf(slot).every((value, index) => value === path[index]))
        return slot;
    }
  }

  #place(slot: number): void {
    if ((this.#filled + 1) * 3 > this.#table.length * 2) this.#rebuild();
    let at = hash(this.#keys[slot] ?? 0);
    while (this.#table[at & (this.#table.length - 1)] !== EMPTY) at += 1;
    this.#table[at & (this.#table.length - 1)] = slot;
    this.#filled += 1;
  }

  /** Builds a new table without removed entries, at most a third full. */
  #rebuild(): void {
    const slots = this.#table.filter((slot) => slot >= 0);
    let length = 16;
    while (length < this.#size * 3) length *= 2;
    this.#table = new Int32Array(length).fill(EMPTY);
    this.#filled = 0;
    for (const slot of slots) this.#place(slot);
  }

  #makeRoom(slot: number): void {
    if (slot < this.#keys.length) return;
    const capacity = Math.ceil((slot + 1) * 1.5);
    const keys = new Float64Array(capacity);
    keys.set(this.#keys);
    this.#keys = keys;
    const ids = new Int32Array(capacity * this.#names.length);
    ids.set(this.#ids);
    this.#ids = ids;
  }
}

/** Spreads a key of up to 53 bits over 32. */
function hash(key: number): number {
  const low = Math.imul(key | 0, 0x9e3779b1);
  const high = Math.imul((key / 2 ** 32) | 0, 0x85ebca6b);
  const mixed = low ^ high;
  return mixed ^ (mixed >>> 15);
}
