/**
 * The face of the package `@asdlc/metrics`: everything that `@prometheus-io/client` exports, on one default registry,
 * and what this library adds. What the client has and we do not, such as `Summary`, is the client's own.
 */

import client, {
  type Aggregator,
  type MetricObjectWithValues,
  type MetricValueWithName,
  type RegistryContentType,
  type Summary,
} from '@prometheus-io/client';
import type { Counter } from './instruments/counter.ts';
import type { Gauge } from './instruments/gauge.ts';
import type { Histogram } from './instruments/histogram.ts';

export {
  type Aggregator,
  AggregatorRegistry,
  type Charset,
  ClusterRegistry,
  type CollectFunction,
  collectDefaultMetrics,
  type DefaultMetricsCollectorConfiguration,
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
  Summary,
  type SummaryConfiguration,
  validateMetricName,
  WorkerRegistry,
} from '@prometheus-io/client';
export type { AnyRegistry } from './adopting-registry.ts';
export type { Collector } from './collection.ts';
export { exponentialBuckets, linearBuckets } from './instruments/buckets.ts';
export { Counter, type CounterConfiguration } from './instruments/counter.ts';
export type { MetricDefinition } from './instruments/definition.ts';
export { Gauge, type GaugeConfiguration } from './instruments/gauge.ts';
export { Histogram, type HistogramConfiguration } from './instruments/histogram.ts';
export { Info } from './instruments/info.ts';
export type {
  IncreaseDataWithExemplar,
  InstrumentOptions,
  InstrumentOptions as MetricConfiguration,
  ObserveDataWithExemplar,
} from './instruments/instrument.ts';
export {
  type Exposition,
  MetricsRegistry,
  MetricsRegistry as Registry,
  type MetricsRegistryOptions,
  type RenderOptions,
  register,
} from './registry.ts';
export type { LabelValue, LabelValues } from './series/labels.ts';

/** How the values of several processes become one. The client's types leave them out. */
export const { aggregators } = client as unknown as {
  readonly aggregators: Readonly<
    Record<Aggregator, (metrics: MetricObjectWithValues<MetricValueWithName<string>>[]) => object | undefined>
  >;
};

/** The default registry's content type as it was at the import. In CommonJS the package's property is live. */
export const contentType: RegistryContentType = client.contentType;

/** Any instrument. */
export type Metric<L extends string = never> = Counter<L> | Gauge<L> | Histogram<L> | Summary<L>;
