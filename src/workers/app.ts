import type { Redis } from 'ioredis';
import { Type } from 'typebox';
import {
  type MetricsRegistry,
  metricsEndpoint,
  prometheusMiddleware,
  QueueMetricsCollector,
  RedisMemoryCollector,
  RedisMetricsCollector,
  WorkerPoolCollector,
} from '../infrastructure/metrics/index.ts';
import type { WorkersConfig } from '../shared/config.ts';
import { queueKeys } from '../shared/queue/bullmq-schema.ts';
import { readRedisMemory } from '../shared/queue/redis/redis-memory.ts';
import { readQueue } from '../shared/queue/snapshot.ts';
import type { QueueSlots } from '../shared/queue-names.ts';
import type { Access } from '../shared/service/access/access.ts';
import { refuseForeignRequests } from '../shared/service/access/foreign-requests.ts';
import { type DrainDelay, endConnectionsWhileStopping } from '../shared/service/drain-delay.ts';
import { createEventLoopCheck } from '../shared/service/event-loop-check.ts';
import { type CheckResult, type HealthCheck, healthRoutes } from '../shared/service/health.ts';
import { createHttpServer } from '../shared/service/http-server.ts';
import type { Logger } from '../shared/service/logging.ts';
import type { PoolsStats } from './worker-pools.ts';

export interface WorkersServerDependencies {
  readonly config: WorkersConfig;
  readonly version: string;
  readonly logger: Logger;
  readonly registry: MetricsRegistry;
  readonly access: Access;
  /** A connection for request paths. */
  readonly redis: Redis;
  readonly redisHealth: { check(): Promise<CheckResult> };
  readonly drainDelay: DrainDelay;
  readonly pool: { getStats(): PoolsStats };
  readonly queues: readonly QueueSlots[];
}

const Stats = Type.Object({
  state: Type.String(),
  concurrency_limit: Type.Integer(),
  active_workers: Type.Integer(),
  events_processed: Type.Integer(),
  events_succeeded: Type.Integer(),
  events_failed: Type.Integer(),
  queues: Type.Array(Type.Object({ queue: Type.String(), slots: Type.Integer(), active: Type.Integer() })),
  by_event_type: Type.Record(
    Type.String(),
    Type.Object({ succeeded: Type.Integer(), failed: Type.Integer() }),
  ),
});

/** Returns the workers' HTTP server with all its routes, not yet listening. It serves metrics, health and stats. */
export async function buildWorkersServer(dependencies: WorkersServerDependencies) {
  const { config, version, logger, registry, access, redis, redisHealth, drainDelay, pool, queues } =
    dependencies;
  const service = config.SERVICE_NAME;
  const authorize = access.metrics.require('metrics:read');
  registry.addCollector(new RedisMetricsCollector(registry, service, redisHealth));
  registry.addCollector(
    new RedisMemoryCollector(registry, service, () => readRedisMemory(redis, config.QUEUE_PREFIX)),
  );
  registry.addCollector(
    new QueueMetricsCollector(registry, {
      service,
      queues: queues.map(({ queue }) => ({
        queue,
        read: () => readQueue(redis, queueKeys(config.QUEUE_PREFIX, queue)),
      })),
    }),
  );
  registry.addCollector(new WorkerPoolCollector(registry, service, pool));
  const app = createHttpServer(logger);
  endConnectionsWhileStopping(app, drainDelay);
  await app.register(prometheusMiddleware, { registry, service });
  refuseForeignRequests(app, {
    hasToken: () => !access.metrics.isOpen,
    allowedHosts: config.ALLOWED_HOSTS,
  });
  await app.register(metricsEndpoint, { registry, service, authorize });
  await app.register(healthRoutes, {
    service,
    version,
    checks: {
      redis: () => redisHealth.check(),
      pool: createPoolCheck(pool),
      event_loop: createEventLoopCheck(),
      running: drainDelay.check,
    },
  });
  app.get('/stats', { schema: { response: { 200: Stats } }, onRequest: authorize }, async () =>
    pool.getStats(),
  );
  return app;
}

function createPoolCheck(pool: WorkersServerDependencies['pool']): HealthCheck {
  return async () => {
    const { state } = pool.getStats();
    return state === 'running'
      ? { up: true, latencyMs: 0 }
      : { up: false, latencyMs: 0, error: `pool is ${state}` };
  };
}
