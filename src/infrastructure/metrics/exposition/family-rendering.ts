import type { Instrument } from '../instruments/instrument.ts';
import type { LabelValue } from '../series/labels.ts';
import type { Format } from './accept.ts';
import type { ByteWriter } from './byte-writer.ts';
import { countDigits, formatNumber, isShortInteger, writeAscii, writeInteger } from './number-format.ts';
import {
  exposedType,
  familyName,
  formatBound,
  formatExemplar,
  formatHeader,
  formatLabels,
  linesIn,
} from './text-format.ts';

/*
 * What makes a scrape cheap. Little changes between two scrapes, and what changes is digits. So a rendering keeps
 * the body of the last scrape and the place of each series in it. From these it makes the next body:
 *
 *  - It copies a run of unchanged series as one piece of memory.
 *  - It copies a changed series too, then writes the new digits over the old ones. The lengths of what stands
 *    before them give their places. The rest moves only when a number has become longer or shorter.
 *  - It writes a new series in full. At a removed one the run ends, and the next run begins.
 *
 * Nothing writes to a finished body: it may still be on its way to a scraper.
 */

/** A sample line around its labels and its number: `name_bucket{` labels `,le="0.1"} `. */
interface LineText {
  readonly head: string;
  readonly tail: string;
}

/** How many series are rendered between two points where the event loop may run. */
const SERIES_A_SLICE = 64;

/** Bytes of the longest number, `-2.2250738585072014e-308`. */
const LONGEST_NUMBER = 24;

/** The rendering of one instrument in one format for one registry. */
export class FamilyRendering {
  readonly #instrument: Instrument<string>;
  readonly #format: Format;
  readonly #header: string;
  /** The lines of a series: its samples, then in OpenMetrics the time of its creation. */
  readonly #lines: readonly LineText[];
  /** The index of `_created` among the lines; the number of lines when there is none. */
  readonly #createdLine: number;
  /** The size of each line in bytes, without labels and number. */
  readonly #lineSizes: Uint32Array;
  readonly #hasExemplars: boolean;
  readonly #defaultLabels: string;
  readonly #numbers: Float64Array;
  /** The body of the last rendering. */
  #last: ByteWriter | undefined;
  /** The last rendering lacks what changed after this epoch. */
  #seen = 0;
  /** By slot: where the series begins in the last body, its size there (0: not in it), and its labels' size. */
  #starts = new Uint32Array(0);
  #sizes = new Uint32Array(0);
  #labelSizes = new Uint32Array(0);
  /** By slot and line: the length of the number in the last body. */
  #lengths = new Uint8Array(0);

  constructor(
    instrument: Instrument<string>,
    format: Format,
    defaultLabels: Readonly<Record<string, LabelValue>>,
  ) {
    const { family: name, type, help, labelNames, sampleLines } = instrument;
    const added = Object.entries(defaultLabels).filter(([label]) => !labelNames.includes(label));
    this.#instrument = instrument;
    this.#format = format;
    this.#header = formatHeader({ name, type, help }, format);
    this.#hasExemplars =
      instrument.enableExemplars &&
      format === 'openmetrics' &&
      exposedType({ name, type }, format) !== 'unknown';
    this.#defaultLabels = formatLabels(
      added.map(([label]) => label),
      added.map(([, value]) => value),
    );
    this.#lines = createLines(instrument, format, labelNames.length + added.length > 0);
    this.#lineSizes = Uint32Array.from(this.#lines, ({ head, tail }) => Buffer.byteLength(head + tail));
    this.#createdLine = linesIn(sampleLines, format).length;
    this.#numbers = new Float64Array(sampleLines.length + 1);
  }

  /** Writes the family to a body. The event loop may run at each `yield`. */
  *render(out: ByteWriter): Generator<void, void> {
    const { table } = this.#instrument;
    const seen = this.#seen;
    this.#seen = table.checkpoint();
    out.writeText(this.#header);
    for (let from = 0; from < table.used; from += SERIES_A_SLICE) {
      const to = Math.min(from + SERIES_A_SLICE, table.used);
      this.#makeRoom(to);
      this.#renderSlots(from, to, seen, out);
      yield;
    }
    this.#last = out;
  }

  #renderSlots(from: number, to: number, seen: number, out: ByteWriter): void {
    const { born, changed } = this.#instrument.table;
    const isPatched = !this.#hasExemplars;
    const starts = this.#starts;
    const sizes = this.#sizes;
    const last = this.#last?.bytes;
    let runStart = 0;
    let runEnd = 0;
    for (let slot = from; slot < to; slot += 1) {
      const start = starts[slot] as number; // the columns have room for every slot up to `to`
      const size = sizes[slot] as number;
      const birth = born[slot] as number;
      const isDirty = (changed[slot] as number) > seen;
      if (last !== undefined && birth !== 0 && birth <= seen && size > 0 && (!isDirty || isPatched)) {
        if (start !== runEnd) {
          out.copy(last, runStart, runEnd);
          runStart = start;
        }
        runEnd = start + size;
        starts[slot] = out.length + start - runStart;
        if (!isDirty) continue;
        out.copy(last, runStart, runEnd);
        runStart = runEnd;
        this.#patch(slot, out);
      } else {
        if (last !== undefined) out.copy(last, runStart, runEnd);
        runStart = runEnd;
        sizes[slot] = 0;
        // A series born since this rendering began waits for the next one: the same labels may already stand in this
        // body, in another slot.
        if (birth !== 0 && birth <= this.#seen) this.#renderSeries(slot, out);
      }
    }
    if (last !== undefined) out.copy(last, runStart, runEnd);
  }

  /** Writes new numbers over the old ones of the series that has just been copied to the end of the body. */
  #patch(slot: number, out: ByteWriter): void {
    this.#readNumbers(slot);
    const numbers = this.#numbers;
    const lengths = this.#lengths;
    const lineSizes = this.#lineSizes;
    const count = lineSizes.length;
    out.reserve(count * LONGEST_NUMBER);
    const { bytes } = out;
    const labelSize = this.#labelSizes[slot] as number; // all columns have room for the slot
    const begin = this.#starts[slot] as number;
    let at = begin;
    for (let line = 0, field = slot * count; line < count; line += 1, field += 1) {
      at += (lineSizes[line] as number) + labelSize;
      const value = numbers[line] as number;
      const text = isShortInteger(value) ? '' : formatNumber(value);
      const length = text === '' ? countDigits(value) : text.length;
      const before = lengths[field] as number;
      if (length !== before) {
        bytes.copyWithin(at + length, at + before, out.length);
        out.length += length - before;
        lengths[field] = length;
      }
      if (text === '') writeInteger(bytes, at, value, length);
      else writeAscii(bytes, at, text);
      at += length + 1;
    }
    this.#sizes[slot] = out.length - begin;
  }

  /** Writes a series in full, and notes the places and lengths of its parts. */
  #renderSeries(slot: number, out: ByteWriter): void {
    const { table, labelNames } = this.#instrument;
    const own = formatLabels(labelNames, table.labelValuesOf(slot));
    const labels =
      own === '' || this.#defaultLabels === '' ? own + this.#defaultLabels : `${own},${this.#defaultLabels}`;
    const exemplars = this.#hasExemplars ? table.exemplars?.get(slot) : undefined;
    this.#readNumbers(slot);
    let text = '';
    this.#lines.forEach(({ head, tail }, line) => {
      const number = formatNumber(this.#numbers[line] ?? 0);
      this.#lengths[slot * this.#lines.length + line] = number.length;
      text += `${head}${labels}${tail}${number}${formatExemplar(exemplars?.[line], this.#format)}\n`;
    });
    this.#starts[slot] = out.length;
    this.#labelSizes[slot] = Buffer.byteLength(labels);
    out.writeText(text);
    this.#sizes[slot] = out.length - (this.#starts[slot] ?? 0);
  }

  #readNumbers(slot: number): void {
    this.#instrument.readSamples(slot, this.#numbers);
    if (this.#createdLine < this.#lines.length) {
      this.#numbers[this.#createdLine] = this.#instrument.table.created[slot] ?? 0;
    }
  }

  #makeRoom(slots: number): void {
    if (slots <= this.#starts.length) return;
    const capacity = this.#instrument.table.born.length;
    this.#starts = extend(this.#starts, new Uint32Array(capacity));
    this.#sizes = extend(this.#sizes, new Uint32Array(capacity));
    this.#labelSizes = extend(this.#labelSizes, new Uint32Array(capacity));
    this.#lengths = extend(this.#lengths, new Uint8Array(capacity * this.#lines.length));
  }
}

function extend<A extends Uint8Array | Uint32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}

/** See `#lines`. */
function createLines(
  { family, type, sampleLines }: Instrument<string>,
  format: Format,
  isLabelled: boolean,
): LineText[] {
  const name = familyName({ name: family, type }, format);
  const shownType = exposedType({ name: family, type }, format);
  const total = shownType === 'counter' && format === 'openmetrics' ? '_total' : '';
  const lines = linesIn(sampleLines, format).map(({ suffix, bound }) => {
    const le = bound === undefined ? '' : `le="${formatBound(bound, format)}"`;
    return createLine(name + total + suffix, isLabelled, le);
  });
  const hasCreated = format === 'openmetrics' && (shownType === 'counter' || shownType === 'histogram');
  return hasCreated ? [...lines, createLine(`${name}_created`, isLabelled, '')] : lines;
}

function createLine(name: string, isLabelled: boolean, le: string): LineText {
  if (!isLabelled && le === '') return { head: name, tail: ' ' };
  return { head: `${name}{`, tail: `${isLabelled && le !== '' ? ',' : ''}${le}} ` };
}
