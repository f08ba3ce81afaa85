/**
 * Metrics of asdlc, for its own services and for any other Node service: instruments, registry, HTTP
 * middleware, `/metrics` endpoint, collectors, and the definitions of every `asdlc_*` metric.
 */

export {
  ProcessMetricsCollector,
  QueueMetricsCollector,
  RedisMetricsCollector,
  RegistryCollector,
  WorkerPoolCollector,
  type WorkerPoolStats,
} from './collectors.ts';
export * from './definitions.ts';
export { type MetricsEndpointOptions, metricsEndpoint, metricsHandler } from './endpoint.ts';
export { Counter, exponentialBuckets, Gauge, Histogram, Info, linearBuckets } from './instruments.ts';
export { type PrometheusMiddlewareOptions, prometheusMiddleware } from './middleware.ts';
export { instrumentHttpServer, type NodeHttpMetricsOptions } from './node-http.ts';
export { createPoolObserver, type PoolObserver } from './pool-observer.ts';
export {
  type Collector,
  type Exposition,
  MetricsRegistry,
  type MetricsRegistryOptions,
  type RenderOptions,
  register,
} from './registry.ts';
export { createServiceMetrics, type ServiceMetricsOptions } from './service-metrics.ts';
