/**
 * The values of one label. Each value is stored once and has a small number. A value goes when its last series
 * goes.
 *
 * Calls often repeat the value of the call before (a label like `service` never has another). So `idOf`
 * compares with that one before it asks the map.
 */
export class LabelDictionary {
  #last: string | undefined;
  #lastId = 0;
  readonly #ids = new Map<string, number>();
  readonly #values: string[] = [];
  readonly #uses: number[] = [];
  readonly #free: number[] = [];

  idOf(value: string): number | undefined {
    if (value === this.#last) return this.#lastId;
    const id = this.#ids.get(value);
    if (id !== undefined) {
      this.#last = value;
      this.#lastId = id;
    }
    return id;
  }

  valueOf(id: number): string {
    return this.#values[id] ?? '';
  }

  /** Counts one more series with the value. Returns the value's number. */
  acquire(value: string): number {
    const id = this.#ids.get(value) ?? this.#free.pop() ?? this.#values.length;
    this.#ids.set(value, id);
    this.#values[id] = value;
    this.#uses[id] = (this.#uses[id] ?? 0) + 1;
    return id;
  }

  /** Counts one series less with the value. */
  release(id: number): void {
    const uses = (this.#uses[id] ?? 0) - 1;
    this.#uses[id] = uses;
    if (uses > 0) return;
    this.#ids.delete(this.valueOf(id));
    this.#last = undefined;
    this.#values[id] = '';
    this.#free.push(id);
  }
}
