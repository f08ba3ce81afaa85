import { Counter } from './counter.ts';
import type { MetricSink } from './default-registry.ts';
import { Gauge } from './gauge.ts';
import { Histogram } from './histogram.ts';
import { Info } from './info.ts';
import type { Instrument } from './instrument.ts';

/** A metric as data. `L` holds its label names, so that a wrong one does not compile. */
export interface MetricDefinition<L extends string = string> {
  readonly type: 'counter' | 'gauge' | 'histogram' | 'info';
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly L[];
  /** Upper bounds in the metric's base unit, ascending, without +Inf. Histograms only. */
  readonly buckets?: readonly number[];
  /** Whether OpenMetrics shows an exemplar beside a sample: usually the trace of one observation. */
  readonly enableExemplars?: boolean;
}

/** A definition of one type, for options that ask for it. */
export type DefinitionOf<T extends MetricDefinition['type'], L extends string> = MetricDefinition<L> & {
  readonly type: T;
};

/** The instrument that a definition describes. */
export type InstrumentOf<D extends MetricDefinition> = {
  counter: Counter<D['labelNames'][number]>;
  gauge: Gauge<D['labelNames'][number]>;
  histogram: Histogram<D['labelNames'][number]>;
  info: Info<D['labelNames'][number]>;
}[D['type']];

/** Creates the instrument of a definition in one registry. */
export function createInstrument(
  { type, ...options }: MetricDefinition,
  registry: MetricSink,
): Instrument<string> {
  const registered = { ...options, registers: [registry] };
  if (type === 'counter') return new Counter(registered);
  if (type === 'histogram') return new Histogram(registered);
  return type === 'info' ? new Info(registered) : new Gauge(registered);
}
