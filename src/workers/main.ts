import {
  createServiceMetrics,
  QueueMetricsCollector,
  RedisMetricsCollector,
  WorkerPoolCollector,
} from '../infrastructure/metrics/index.ts';
import { loadWorkersConfig, packageVersion, withoutCredentials } from '../shared/config.ts';
import { RedisHealthChecker } from '../shared/health.ts';
import { createLogger } from '../shared/logging.ts';
import { createTaskQueue } from '../shared/queue.ts';
import { closeRedis, createConsumerRedis, createRequestRedis } from '../shared/redis.ts';
import { closeOnSignal } from '../shared/shutdown.ts';
import { orExit } from '../shared/startup.ts';
import { buildWorkers } from './app.ts';
import { loadHandlers } from './load-handlers.ts';
import { WorkerPool } from './worker-pool.ts';

const config = orExit(loadWorkersConfig);
const handlers = await orExit(() => loadHandlers(config.WORKER_HANDLERS));
const version = packageVersion();
const service = config.SERVICE_NAME;
const logger = createLogger({ service, level: config.LOG_LEVEL });

const metrics = createServiceMetrics({
  service,
  version,
  onCollectorError: (collector, error) => logger.debug({ collector, error }, 'a metrics collector failed'),
});
const redisOptions = { url: config.REDIS_URL, logger, onCommand: metrics.observeRedisCommand };
const consumerRedis = createConsumerRedis(redisOptions);
const requestRedis = createRequestRedis(redisOptions);
const queue = createTaskQueue(requestRedis, config.QUEUE_PREFIX);
queue.on('error', (error) => logger.debug({ error }, 'queue error'));
const redisHealth = new RedisHealthChecker(requestRedis);
const pool = new WorkerPool(
  consumerRedis,
  {
    handlers,
    prefix: config.QUEUE_PREFIX,
    concurrency: config.WORKER_POOL_SIZE,
    handlerTimeoutMs: config.HANDLER_TIMEOUT * 1000,
    drainTimeoutMs: config.DRAIN_TIMEOUT * 1000,
    keepCompleted: { age: config.COMPLETED_KEEP_SECONDS, count: config.COMPLETED_KEEP_COUNT },
    keepDead: { age: config.DEAD_KEEP_SECONDS, count: config.DEAD_KEEP_COUNT },
  },
  logger,
);
metrics.registry.addCollector(new RedisMetricsCollector(metrics.registry, service, redisHealth));
metrics.registry.addCollector(
  new QueueMetricsCollector(metrics.registry, service, () => queue.getActiveCount()),
);
metrics.registry.addCollector(new WorkerPoolCollector(metrics.registry, service, pool));

const app = await buildWorkers({
  config,
  version,
  logger,
  registry: metrics.registry,
  pool,
  checkRedis: () => redisHealth.check(),
});
await orExit(() => app.listen({ host: config.SERVICE_HOST, port: config.SERVICE_PORT }));
logger.info(
  { version, redis: withoutCredentials(config.REDIS_URL), event_types: Object.keys(handlers) },
  'workers started',
);
closeOnSignal(
  // The pool first: health and metrics answer while it drains.
  [
    () => pool.close(),
    () => app.close(),
    () => queue.close(),
    ...[consumerRedis, requestRedis].map((r) => () => closeRedis(r)),
  ],
  logger,
  config.DRAIN_TIMEOUT * 1000 + 5_000,
);
