/**
 * Metrics of asdlc, for its own services and for any other Node service: instruments, registry, HTTP
 * middleware, `/metrics` endpoint, collectors, and the definitions of every `asdlc_*` metric.
 */

export * from '../telemetry/catalogue.ts';
export {
  ProcessMetricsCollector,
  QueueMetricsCollector,
  RedisMetricsCollector,
  RegistryCollector,
  WorkerPoolCollector,
  type WorkerPoolStats,
} from '../telemetry/collectors.ts';
export { createPoolObserver, type PoolObserver } from '../telemetry/pool-observer.ts';
export { createServiceMetrics, type ServiceMetricsOptions } from '../telemetry/service-metrics.ts';
export { type MetricsEndpointOptions, metricsEndpoint, metricsHandler } from './http/endpoint.ts';
export { type PrometheusMiddlewareOptions, prometheusMiddleware } from './http/middleware.ts';
export { instrumentHttpServer, type NodeHttpMetricsOptions } from './http/node-http.ts';
export {
  Counter,
  exponentialBuckets,
  Gauge,
  Histogram,
  Info,
  linearBuckets,
} from './instruments/instruments.ts';
export {
  type Collector,
  type Exposition,
  MetricsRegistry,
  type MetricsRegistryOptions,
  type RenderOptions,
  register,
} from './registry.ts';
