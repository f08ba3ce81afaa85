/**
 * Metrics of asdlc, for its own services and for any other Node service: instruments, registry, HTTP
 * middleware, `/metrics` endpoint, collectors, and the definitions of every `asdlc_*` metric.
 */

export {
  ProcessMetricsCollector,
  QueueMetricsCollector,
  RedisMetricsCollector,
  WorkerPoolCollector,
  type WorkerPoolStats,
} from './collectors.ts';
export * from './definitions.ts';
export { type MetricsEndpointOptions, metricsEndpoint } from './endpoint.ts';
export { Counter, Gauge, Histogram } from './instruments.ts';
export { type PrometheusMiddlewareOptions, prometheusMiddleware } from './middleware.ts';
export { type Collector, MetricsRegistry, register } from './registry.ts';
export { createServiceMetrics, type ServiceMetricsOptions } from './service-metrics.ts';
