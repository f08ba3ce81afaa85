import { collectDefaultMetrics } from '@prometheus-io/client';
import { KNOWN_OPERATIONS } from '../../shared/queue/redis/command-observer.ts';
import { MetricsRegistry } from '../metrics/registry.ts';
import { COLLECTOR_ERRORS } from './catalogue/metrics.ts';
import { BUILD_INFO, SERVICE_INFO } from './catalogue/process.ts';
import { REDIS_ERRORS, REDIS_LATENCY, REDIS_MISCONFIGURED, REDIS_RECONNECTS } from './catalogue/redis.ts';
import { childrenByLabel } from './children-by-label.ts';
import { RegistryCollector } from './collectors.ts';
import { withKnownSeries } from './known-series.ts';
import { ProcessMetricsCollector } from './process-collector.ts';

export interface ServiceMetricsOptions {
  readonly service: string;
  readonly version: string;
  /** What was built, as a commit; unknown if it is not given. */
  readonly revision?: string;
  readonly onCollectorError?: (collector: string, error: unknown) => void;
}

/** A registry with what every service exposes: its info, its process, Node's own metrics, Redis commands. */
export function createServiceMetrics({
  service,
  version,
  revision = 'unknown',
  onCollectorError,
}: ServiceMetricsOptions) {
  const registry = new MetricsRegistry({
    onCollectorError: (collector, error) => {
      collectorErrors.inc({ service, collector });
      onCollectorError?.(collector, error);
    },
  });
  const collectorErrors = registry.instrument(COLLECTOR_ERRORS);
  const redisLatency = registry.instrument(REDIS_LATENCY);
  const redisErrors = withKnownSeries(registry, REDIS_ERRORS, { service, operation: KNOWN_OPERATIONS });
  const errorsOf = childrenByLabel((operation) => redisErrors.labels({ service, operation }));
  const latencies = childrenByLabel((operation) => redisLatency.labels({ service, operation }));
  const redisMisconfigured = registry.instrument(REDIS_MISCONFIGURED);
  const redisReconnects = registry.instrument(REDIS_RECONNECTS).labels({ service });
  registry.instrument(SERVICE_INFO).set({ service, version });
  registry.instrument(BUILD_INFO).set({ service, version, revision, node: process.versions.node });
  registry.addCollector(new ProcessMetricsCollector(registry, service));
  registry.addCollector(new RegistryCollector(registry, service));
  collectDefaultMetrics({ register: registry, labels: { service } });
  return {
    registry,
    reportRedisFinding: (finding: string, isPresent: boolean) =>
      redisMisconfigured.set({ service, finding }, isPresent ? 1 : 0),
    redisObserver: {
      commandEnded: (operation: string, durationSeconds: number) =>
        latencies(operation).observe(durationSeconds),
      commandFailed: (operation: string) => errorsOf(operation).inc(),
      reconnected: () => redisReconnects.inc(),
    },
  };
}
