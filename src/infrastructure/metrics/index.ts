/**
 * Metrics for asdlc's own services and for any other Node service: instruments, registry, HTTP middleware and
 * `/metrics` endpoint; and asdlc's telemetry: its collectors and the definition of every `asdlc_*` metric. The
 * HTTP parts are telemetry's: they count under asdlc's names unless they get other definitions.
 */

export * from '../telemetry/catalogue.ts';
export {
  QueueMetricsCollector,
  RedisMemoryCollector,
  RedisMetricsCollector,
  RegistryCollector,
  WorkerPoolCollector,
  type WorkerPoolStats,
} from '../telemetry/collectors.ts';
export {
  instrumentHttpServer,
  metricsEndpoint,
  metricsHandler,
  prometheusMiddleware,
} from '../telemetry/http-metrics.ts';
export { createListenerObserver, type ListenerObserver } from '../telemetry/listener-observer.ts';
export { createPoolObserver, type PoolObserver } from '../telemetry/pool-observer.ts';
export { ProcessMetricsCollector } from '../telemetry/process-collector.ts';
export { createServiceMetrics, type ServiceMetricsOptions } from '../telemetry/service-metrics.ts';
export { createWebhookObserver, type WebhookObserver } from '../telemetry/webhook-observer.ts';
export type { Collector } from './collection.ts';
export type { MetricsEndpointOptions } from './http/endpoint.ts';
export type { HttpMetricDefinitions } from './http/http-definitions.ts';
export type { PrometheusMiddlewareOptions } from './http/middleware.ts';
export type { NodeHttpMetricsOptions } from './http/node-http.ts';
export type { ScrapeMetricDefinitions } from './http/scrape-handler.ts';
export { exponentialBuckets, linearBuckets } from './instruments/buckets.ts';
export { Counter } from './instruments/counter.ts';
export type { MetricDefinition } from './instruments/definition.ts';
export { Gauge } from './instruments/gauge.ts';
export { Histogram } from './instruments/histogram.ts';
export { Info } from './instruments/info.ts';
export {
  type Exposition,
  MetricsRegistry,
  type MetricsRegistryOptions,
  type RenderOptions,
  register,
} from './registry.ts';
