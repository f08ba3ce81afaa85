import type { Exemplar } from './exemplar.ts';
import { checkGiven, valuesOfObject } from './labels.ts';
import { Misuse } from './misuse.ts';
import { SeriesIndex } from './series-index.ts';

/** Every label value of the series that takes the label sets past the limit. */
export const OVERFLOW = '_overflow';

/**
 * A handle to one series. `slot` is -1 while there is no series. Then, and only then, the handle holds its label
 * values.
 */
export interface SeriesHandle {
  slot: number;
  labelValues: readonly string[];
}

const HELD_BY_SLOT: readonly string[] = [];

export interface SeriesTableOptions {
  readonly metric: string;
  readonly labelNames: readonly string[];
  /** How many numbers one series has in `values`. */
  readonly width: number;
  readonly maxSeries: number;
}

/**
 * The series of one instrument, as columns of typed arrays: series `slot` owns `values[slot * width …]`.
 * Counting is thus an addition in an array, and allocates nothing.
 *
 * Several readers want to know what changed: each cached rendering, and the expiry of idle series. A write
 * stores the current epoch in `changed`. A reader calls `checkpoint()`, which ends the epoch and returns it;
 * later, every series whose `changed` is greater was written since. A write costs one store however many
 * readers there are, and no reader disturbs another.
 */
export class SeriesTable {
  readonly labelNames: readonly string[];
  readonly width: number;
  maxSeries: number;
  values: Float64Array<ArrayBuffer>;
  /** Epoch of the last write, by slot. Only readers use it from outside. */
  changed: Uint32Array<ArrayBuffer>;
  /** Epoch in which the slot's series began. 0 while the slot is free. */
  born: Uint32Array<ArrayBuffer>;
  /** Unix time in seconds at which the series began, for `_created`. */
  created: Float64Array<ArrayBuffer>;
  /** Slots handed out so far, including those that are free again. */
  used = 0;
  /** Live series. */
  size = 0;
  /** Look-ups that got the overflow series. */
  overflowed = 0;
  /** By slot, for series that have any: the last exemplar of each sample line. */
  exemplars: Map<number, (Exemplar | undefined)[]> | undefined;
  /** Calls that could not be taken as they came. */
  readonly misuse: Misuse;
  #epoch = 1;
  readonly #index: SeriesIndex;
  readonly #free: number[] = [];
  readonly #handles: (SeriesHandle | undefined)[] = [];

  constructor({ metric, labelNames, width, maxSeries }: SeriesTableOptions) {
    this.misuse = new Misuse(metric);
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

  /** Adds to a series' first number, or to the one at `offset`. */
  add(slot: number, delta: number, offset = 0): void {
    const index = slot * this.width + offset;
    this.values[index] = (this.values[index] as number) + delta; // a slot lies within its table's arrays
    this.changed[slot] = this.#epoch;
  }

  set(slot: number, value: number): void {
    this.values[slot * this.width] = value;
    this.changed[slot] = this.#epoch;
  }

  /** The slot of a label object. Creates the series when it is new. Never throws: see `pathOf`. */
  slotOf(labels: object): number {
    try {
      const slot = this.#index.findUsual(labels);
      if (slot !== undefined) return slot;
    } catch {
      // `pathOf` says it
    }
    return this.slotOfValues(this.pathOf(labels, valuesOfObject));
  }

  /**
   * The values of labels from a call, in the order of the names. Labels of other names are left out, and what cannot be
   * read is the empty value. Both are reported.
   */
  pathOf<G extends object>(
    labels: G,
    valuesOf: (names: readonly string[], labels: G) => string[],
  ): readonly string[] {
    try {
      checkGiven(this.labelNames, labels);
    } catch (error) {
      this.misuse.report(error);
    }
    try {
      return valuesOf(this.labelNames, labels);
    } catch (error) {
      this.misuse.report(error);
      return this.labelNames.map(() => '');
    }
  }

  /** The slot of label values in the order of the names. Creates the series when it is new. */
  slotOfValues(path: readonly string[]): number {
    return this.find(path) ?? (this.size < this.maxSeries ? this.#create(path) : this.#overflow());
  }

  /** Creates the series when it is new, and raises the limit by it. */
  reserve(path: readonly string[]): void {
    if (this.find(path) !== undefined) return;
    this.maxSeries += 1;
    this.#create(path);
  }

  /** The slot of label values, if there is such a series. */
  find(path: readonly string[]): number | undefined {
    return this.#index.find(path);
  }

  /** The slot that a handle writes to. After its series was removed, its label values find or create another. */
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

  /** The handle of label values: the existing one, or a new one. */
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

  /** Ends the current epoch and returns it. What is written from now on has a greater one in `changed`. */
  checkpoint(): number {
    const ended = this.#epoch;
    this.#epoch = ended + 1;
    return ended;
  }

  /**
   * The slots that hold a series. The caller may remove the one that it just got. The rendering, which looks at
   * every slot at each scrape, reads `born` itself: a generator would cost it more than the copying.
   */
  *liveSlots(): Generator<number, void> {
    for (let slot = 0; slot < this.used; slot += 1) if (this.born[slot] !== 0) yield slot;
  }

  /** Removes a series. The next write of its bound child starts a new series from zero. */
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
    for (const slot of this.liveSlots()) this.remove(slot);
  }

  /** Removes the series whose last write lies in this epoch or an earlier one. */
  removeUnchangedSince(epoch: number): void {
    for (const slot of this.liveSlots()) if ((this.changed[slot] ?? 0) <= epoch) this.remove(slot);
  }

  /** Keeps an exemplar as the last of a series' sample line. */
  setExemplar(slot: number, line: number, exemplar: Exemplar): void {
    this.exemplars ??= new Map();
    const ofSeries = this.exemplars.get(slot) ?? [];
    ofSeries[line] = exemplar;
    this.exemplars.set(slot, ofSeries);
  }

  /** Starts the series again: its `_created` becomes now. */
  restart(slot: number): void {
    this.changed[slot] = this.#epoch;
    this.created[slot] = Date.now() / 1000;
  }

  #create(path: readonly string[]): number {
    const slot = this.#free.pop() ?? this.used++;
    if (slot === this.born.length) this.#grow();
    this.#index.insert(path, slot);
    this.born[slot] = this.#epoch;
    this.restart(slot);
    this.size += 1;
    return slot;
  }

  /** The series of the label sets past the limit. It comes on top of `maxSeries`, when it is first needed. */
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
