/**
 * The face of the package `@asdlc/metrics`: everything that `@prometheus-io/client` exports, on one default registry,
 * and what this library adds. What the client has and we do not, such as `Summary`, is the client's own.
 */

import client, {
  type Aggregator,
  type MetricObjectWithValues,
  type MetricValueWithName,
  type RegistryContentType,
} from '@prometheus-io/client';

export {
  type Aggregator,
  AggregatorRegistry,
  type Charset,
  ClusterRegistry,
  type CollectFunction,
  collectDefaultMetrics,
  type DefaultMetricsCollectorConfiguration,
  type Metric,
  type MetricObject,
  type MetricObjectWithValues,
  type MetricType,
  type MetricValue,
  type MetricValueWithName,
  type OpenMetricsContentType,
  type OpenMetricsMIME,
  type OpenMetricsVersion,
  openMetricsContentType,
  type PrometheusContentType,
  type PrometheusMetricsVersion,
  type PrometheusMIME,
  Pushgateway,
  prometheusContentType,
  type RegistryContentType,
  type SummaryConfiguration,
  validateMetricName,
  WorkerRegistry,
} from '@prometheus-io/client';
export type { AnyRegistry } from './adopting-registry.ts';
export type { Collector } from './collection.ts';
export { exponentialBuckets, linearBuckets } from './instruments/buckets.ts';
export { Counter, type CounterChild, type CounterConfiguration } from './instruments/counter.ts';
export type { DefinitionOf, InstrumentOf, MetricDefinition } from './instruments/definition.ts';
export { Gauge, type GaugeChild, type GaugeConfiguration } from './instruments/gauge.ts';
export { Histogram, type HistogramChild, type HistogramConfiguration } from './instruments/histogram.ts';
export { Info } from './instruments/info.ts';
export type {
  IncreaseDataWithExemplar,
  Instrument,
  InstrumentOptions,
  InstrumentOptions as MetricConfiguration,
  ObserveDataWithExemplar,
  PublicSnapshot,
  Sample,
  Snapshot,
} from './instruments/instrument.ts';
export {
  type Exposition,
  MetricsRegistry,
  MetricsRegistry as Registry,
  type MetricsRegistryOptions,
  type RenderOptions,
  register,
} from './registry.ts';
export type { Exemplar, ExemplarLabels } from './series/exemplar.ts';
export type { LabelValue, LabelValues } from './series/labels.ts';

/** The client's summary. Without type arguments it takes any label, as prom-client's does. */
export const { Summary } = client;
export type Summary<L extends string = string> = client.Summary<L>;
export declare namespace Summary {
  type Config = client.Summary.Config;
  type Internal<L extends string> = client.Summary.Internal<L>;
}

/** How the values of several processes become one. The client's types leave them out. */
export const { aggregators } = client as unknown as {
  readonly aggregators: Readonly<
    Record<Aggregator, (metrics: MetricObjectWithValues<MetricValueWithName<string>>[]) => object | undefined>
  >;
};

/** The default registry's content type as it was at the import. In CommonJS the package's property is live. */
export const contentType: RegistryContentType = client.contentType;
