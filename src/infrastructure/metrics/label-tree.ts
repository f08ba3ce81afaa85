/**
 * Finds a series' slot by its label values: one level of nested maps a label, keyed by the value itself, so
 * no two label sets can be confused as they can be in a joined key.
 *
 * A level's first value is compared directly before its map is asked: a label like `service` has one value
 * for ever, which then costs one comparison and no map at all.
 */
export class LabelTree {
  #firstKey: string | undefined;
  #first: LabelTree | number | undefined;
  #rest: Map<string, LabelTree | number> | undefined;

  get(key: string): LabelTree | number | undefined {
    return key === this.#firstKey ? this.#first : this.#rest?.get(key);
  }

  /** The slot at the end of a path of label values. */
  find(path: readonly string[]): number | undefined {
    let node: LabelTree | number | undefined = this;
    for (const key of path) {
      if (!(node instanceof LabelTree)) return undefined;
      node = node.get(key);
    }
    return typeof node === 'number' ? node : undefined;
  }

  /** Puts a slot at the end of a path of one label value or more. */
  insert(path: readonly string[], slot: number): void {
    let node: LabelTree = this;
    for (const key of path.slice(0, -1)) {
      let next = node.get(key);
      if (!(next instanceof LabelTree)) {
        next = new LabelTree();
        node.#set(key, next);
      }
      node = next;
    }
    node.#set(path.at(-1) ?? '', slot);
  }

  /** Removes a path and the levels that become empty by it. Answers whether this one is empty now. */
  remove(path: readonly string[], depth = 0): boolean {
    const key = path[depth];
    if (key === undefined) return false;
    const next = this.get(key);
    if (!(next instanceof LabelTree) || next.remove(path, depth + 1)) this.#delete(key);
    return this.#firstKey === undefined && (this.#rest === undefined || this.#rest.size === 0);
  }

  #set(key: string, next: LabelTree | number): void {
    if (this.#firstKey === undefined && !this.#rest?.has(key)) {
      this.#firstKey = key;
      this.#first = next;
    } else if (key === this.#firstKey) {
      this.#first = next;
    } else {
      this.#rest ??= new Map();
      this.#rest.set(key, next);
    }
  }

  #delete(key: string): void {
    if (key === this.#firstKey) {
      this.#firstKey = undefined;
      this.#first = undefined;
    } else {
      this.#rest?.delete(key);
    }
  }
}
