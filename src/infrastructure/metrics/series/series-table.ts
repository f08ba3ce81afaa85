import type { Exemplar } from './exemplar.ts';
import { valuesOfObject } from './labels.ts';
import { SeriesIndex } from './series-index.ts';

/** Label value of the series that takes every label set past the limit. */
export const OVERFLOW = '_overflow';

/** A handle to one series. `slot` is -1 while it has none; then, and only then, it holds its label values. */
export interface SeriesHandle {
  slot: number;
  labelValues: readonly string[];
}

const HELD_BY_SLOT: readonly string[] = [];

export interface SeriesTableOptions {
  readonly metric: string;
  readonly labelNames: readonly string[];
  /** Numbers that one series needs in `values`. */
  readonly width: number;
  readonly maxSeries: number;
}

/**
 * The series of one instrument, as columns of typed arrays: series `slot` owns `values[slot * width …]`, so
 * that counting is an addition in an array and allocates nothing.
 *
 * Who wants to know what changed (each cached rendering, and expiry) reads `epoch` and advances it; a write
 * leaves the current epoch in `changed`. Later, whatever changed after the epoch that was read is new.
 * That costs a write one store, whatever the number of readers, and no reader disturbs another.
 */
export class SeriesTable {
  readonly labelNames: readonly string[];
  readonly width: number;
  readonly maxSeries: number;
  values: Float64Array<ArrayBuffer>;
  /** Epoch of the last write, by slot. */
  changed: Uint32Array<ArrayBuffer>;
  /** Epoch in which the slot's series began; 0 while the slot is free. */
  born: Uint32Array<ArrayBuffer>;
  /** Unix time in seconds at which the series began, for `_created`. */
  created: Float64Array<ArrayBuffer>;
  epoch = 1;
  /** Slots given out so far, free ones among them included. */
  used = 0;
  /** Live series. */
  size = 0;
  /** Look-ups that were sent to the overflow series. */
  overflowed = 0;
  /** Of the series that have any, by slot: the last exemplar of each sample line. */
  exemplars: Map<number, (Exemplar | undefined)[]> | undefined;
  readonly #metric: string;
  readonly #index: SeriesIndex;
  readonly #free: number[] = [];
  readonly #handles: (SeriesHandle | undefined)[] = [];

  constructor({ metric, labelNames, width, maxSeries }: SeriesTableOptions) {
    this.#metric = metric;
    this.labelNames = labelNames;
    this.#index = new SeriesIndex(labelNames);
    this.width = width;
    this.maxSeries = maxSeries;
    const capacity = labelNames.length === 0 ? 1 : 8;
    this.values = new Float64Array(capacity * width);
    this.changed = new Uint32Array(capacity);
    this.born = new Uint32Array(capacity);
    this.created = new Float64Array(capacity);
  }

  /** Adds to a series' first number, or to another of them. */
  add(slot: number, delta: number, offset = 0): void {
    const index = slot * this.width + offset;
    this.values[index] = (this.values[index] as number) + delta; // a slot lies within its table's arrays
    this.changed[slot] = this.epoch;
  }

  set(slot: number, value: number): void {
    this.values[slot * this.width] = value;
    this.changed[slot] = this.epoch;
  }

  /** The slot of a label object; made when it is new. Throws when the labels are not the instrument's. */
  slotOf(labels: object): number {
    return (
      this.#index.findUsual(labels) ??
      this.slotOfValues(valuesOfObject(this.#metric, this.labelNames, labels))
    );
  }

  /** The slot of label values in the order of the names; made when it is new. */
  slotOfValues(path: readonly string[]): number {
    return this.find(path) ?? (this.size < this.maxSeries ? this.#create(path) : this.#overflow());
  }

  /** The slot of label values, if there is such a series. */
  find(path: readonly string[]): number | undefined {
    return this.#index.find(path);
  }

  /** The slot a handle writes to: after its series was removed, one found or made anew by its labels. */
  attach(handle: SeriesHandle): number {
    const slot = this.slotOfValues(handle.labelValues);
    const isItsOwn = !this.#isOverflow(slot) || handle.labelValues.every((value) => value === OVERFLOW);
    if (isItsOwn && this.#handles[slot] === undefined) {
      this.#handles[slot] = handle;
      handle.slot = slot;
      handle.labelValues = HELD_BY_SLOT;
    }
    return slot;
  }

  /** The handle of label values: the one there is, or a new one. */
  handleOf<H extends SeriesHandle>(path: readonly string[], create: (path: readonly string[]) => H): H {
    const slot = this.find(path);
    const existing = slot === undefined ? undefined : this.#handles[slot];
    if (existing !== undefined) return existing as H; // all handles of a table are made by one instrument
    const handle = create(path);
    this.attach(handle);
    return handle;
  }

  labelValuesOf(slot: number): string[] {
    return this.#index.labelValuesOf(slot);
  }

  isLive(slot: number): boolean {
    return this.born[slot] !== 0 && slot < this.used;
  }

  /** Removes a series. A bound child of it starts a new one, from zero, when it is next written. */
  remove(slot: number): void {
    const path = this.labelValuesOf(slot);
    this.#index.remove(slot);
    const handle = this.#handles[slot];
    if (handle !== undefined) {
      handle.slot = -1;
      handle.labelValues = path;
      this.#handles[slot] = undefined;
    }
    this.exemplars?.delete(slot);
    this.born[slot] = 0;
    this.values.fill(0, slot * this.width, (slot + 1) * this.width);
    this.#free.push(slot);
    this.size -= 1;
  }

  removeAll(): void {
    for (let slot = 0; slot < this.used; slot += 1) if (this.isLive(slot)) this.remove(slot);
  }

  /** Removes the series not written since the epoch, that one included. */
  removeUnchangedSince(epoch: number): void {
    for (let slot = 0; slot < this.used; slot += 1) {
      if (this.isLive(slot) && (this.changed[slot] ?? 0) <= epoch) this.remove(slot);
    }
  }

  /** Begins the series again: its `_created` is now. */
  restart(slot: number): void {
    this.changed[slot] = this.epoch;
    this.created[slot] = Date.now() / 1000;
  }

  #create(path: readonly string[]): number {
    const slot = this.#free.pop() ?? this.used++;
    if (slot === this.born.length) this.#grow();
    this.#index.insert(path, slot);
    this.born[slot] = this.epoch;
    this.restart(slot);
    this.size += 1;
    return slot;
  }

  /** The series past the limit: one more than `maxSeries`, made when it is first needed. */
  #overflow(): number {
    this.overflowed += 1;
    const path = this.labelNames.map(() => OVERFLOW);
    return this.find(path) ?? this.#create(path);
  }

  #isOverflow(slot: number): boolean {
    const count = this.labelNames.length;
    return count > 0 && this.labelValuesOf(slot).every((value) => value === OVERFLOW);
  }

  #grow(): void {
    const capacity = Math.ceil(this.born.length * 1.5);
    const { values, changed, born, created } = this;
    this.values = new Float64Array(capacity * this.width);
    this.values.set(values);
    this.changed = new Uint32Array(capacity);
    this.changed.set(changed);
    this.born = new Uint32Array(capacity);
    this.born.set(born);
    this.created = new Float64Array(capacity);
    this.created.set(created);
  }
}
