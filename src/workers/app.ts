import { Type } from 'typebox';
import type { MetricsRegistry } from '../infrastructure/metrics/index.ts';
import { metricsEndpoint, prometheusMiddleware } from '../infrastructure/metrics/index.ts';
import type { WorkersConfig } from '../shared/config.ts';
import { createEventLoopCheck } from '../shared/service/event-loop-check.ts';
import { type HealthCheck, healthRoutes } from '../shared/service/health.ts';
import { createHttpServer, requireToken } from '../shared/service/http-server.ts';
import type { Logger } from '../shared/service/logging.ts';
import type { PoolStats } from './worker-pool.ts';

export interface WorkersDependencies {
  readonly config: WorkersConfig;
  readonly version: string;
  readonly logger: Logger;
  readonly registry: MetricsRegistry;
  readonly pool: { getStats(): PoolStats };
  readonly checkRedis: HealthCheck;
}

const Stats = Type.Object({
  state: Type.String(),
  concurrency_limit: Type.Integer(),
  active_workers: Type.Integer(),
  events_processed: Type.Integer(),
  events_succeeded: Type.Integer(),
  events_failed: Type.Integer(),
  by_event_type: Type.Record(
    Type.String(),
    Type.Object({ succeeded: Type.Integer(), failed: Type.Integer() }),
  ),
});

/** The workers' HTTP server with all its routes, not yet listening. */
export async function buildWorkers({
  config,
  version,
  logger,
  registry,
  pool,
  checkRedis,
}: WorkersDependencies) {
  const service = config.SERVICE_NAME;
  const authorize = requireToken(config.METRICS_TOKEN);
  const checkPool: HealthCheck = async () => {
    const { state } = pool.getStats();
    return state === 'running'
      ? { up: true, latencyMs: 0 }
      : { up: false, latencyMs: 0, error: `pool is ${state}` };
  };
  const app = createHttpServer(logger);
  await app.register(prometheusMiddleware, { registry, service });
  await app.register(metricsEndpoint, { registry, service, authorize });
  await app.register(healthRoutes, {
    service,
    version,
    checks: { redis: checkRedis, pool: checkPool, event_loop: createEventLoopCheck() },
  });
  app.get('/stats', { schema: { response: { 200: Stats } }, onRequest: authorize }, async () =>
    pool.getStats(),
  );
  return app;
}
