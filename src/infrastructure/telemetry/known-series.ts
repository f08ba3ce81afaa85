import type { KnownValues } from '../metrics/instruments/bindable-instrument.ts';
import type { InstrumentOf } from '../metrics/instruments/definition.ts';
import type { MetricsRegistry } from '../metrics/registry.ts';
import type { CatalogueEntry } from './catalogue/entry.ts';

/** A counter or histogram of the catalogue. */
type Cumulative = CatalogueEntry & { readonly type: 'counter' | 'histogram' };

/**
 * The instrument of an entry, with all series that can be known: the values that the catalogue lists, times those given
 * here. They exist at zero, so that `increase` and `rate` see the first event too.
 */
export function withKnownSeries<const E extends Cumulative>(
  registry: MetricsRegistry,
  entry: E,
  known: Readonly<Record<string, string | readonly string[]>>,
): InstrumentOf<E> {
  const instrument = registry.instrument(entry);
  const listed = Object.entries(entry.labelValues ?? {}).filter(([, values]) => typeof values !== 'string');
  const values = { ...Object.fromEntries(listed), ...known };
  instrument.createSeries(values as KnownValues<E['labelNames'][number]>); // it checks the names
  return instrument;
}
