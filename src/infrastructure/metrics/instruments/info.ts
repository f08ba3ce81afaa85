import type { LabelValues } from '../series/labels.ts';
import { Instrument, type InstrumentOptions } from './instrument.ts';

/** A gauge that is always 1. Its labels carry the information, such as a version. */
export class Info<L extends string = string> extends Instrument<L> {
  override readonly type = 'gauge';

  constructor(options: InstrumentOptions<L>) {
    super({ aggregator: 'first', ...options }, 1);
    this.register(options.registers);
  }

  set(labels: LabelValues<L>): void {
    this.table.set(this.table.slotOf(labels), 1);
  }
}
