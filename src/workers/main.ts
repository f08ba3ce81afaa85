import {
  createPoolObserver,
  createServiceMetrics,
  QueueMetricsCollector,
  RedisMetricsCollector,
  WorkerPoolCollector,
} from '../infrastructure/metrics/index.ts';
import { loadWorkersConfig, packageVersion, withoutCredentials } from '../shared/config.ts';
import { RedisClock } from '../shared/queue/clock.ts';
import { closeRedis, createConsumerRedis, createRequestRedis } from '../shared/queue/connections.ts';
import { announceEventTypes } from '../shared/queue/event-types.ts';
import { QUEUE_NAME } from '../shared/queue/queue.ts';
import { readQueue } from '../shared/queue/snapshot.ts';
import { RedisHealthChecker } from '../shared/service/health.ts';
import { createLogger } from '../shared/service/logging.ts';
import { closeOnSignal } from '../shared/service/shutdown.ts';
import { orExit } from '../shared/service/startup.ts';
import { loadTracing } from '../shared/service/tracing.ts';
import { warnAboutUnknownVariables } from '../shared/service/unknown-variables.ts';
import { buildWorkers } from './app.ts';
import { loadHandlers } from './load-handlers.ts';
import { WorkerPool } from './worker-pool.ts';

const config = orExit(loadWorkersConfig);
const module = await orExit(() => loadHandlers(config.WORKER_HANDLERS));
const version = packageVersion();
const service = config.SERVICE_NAME;
const logger = createLogger({ service, level: config.LOG_LEVEL });
warnAboutUnknownVariables(logger);

const metrics = createServiceMetrics({
  service,
  version,
  onCollectorError: (collector, error) => logger.debug({ collector, error }, 'a metrics collector failed'),
});
const redisOptions = { url: config.REDIS_URL, logger, observer: metrics.redisObserver };
const consumerRedis = createConsumerRedis(redisOptions);
const requestRedis = createRequestRedis(redisOptions);
const redisHealth = new RedisHealthChecker(requestRedis);
const clock = new RedisClock(requestRedis);
const tracing = config.OTEL_TRACING ? await orExit(loadTracing) : undefined;
const pool = new WorkerPool(
  {
    module,
    service,
    prefix: config.QUEUE_PREFIX,
    concurrency: config.WORKER_POOL_SIZE,
    handlerTimeoutMs: config.HANDLER_TIMEOUT * 1000,
    drainTimeoutMs: config.DRAIN_TIMEOUT * 1000,
    keepCompleted: { age: config.COMPLETED_KEEP_SECONDS, count: config.COMPLETED_KEEP_COUNT },
    keepDead: { age: config.DEAD_KEEP_SECONDS, count: config.DEAD_KEEP_COUNT },
  },
  {
    connection: consumerRedis,
    clock,
    observer: createPoolObserver(metrics.registry, service),
    logger,
    telemetry: tracing?.telemetry,
  },
);
const stopAnnouncing = announceEventTypes(requestRedis, config.QUEUE_PREFIX, Object.keys(module.handlers));
metrics.registry.addCollector(new RedisMetricsCollector(metrics.registry, service, redisHealth));
const read = () => readQueue(requestRedis, config.QUEUE_PREFIX);
metrics.registry.addCollector(
  new QueueMetricsCollector(metrics.registry, { service, queue: QUEUE_NAME, read }),
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
  { version, redis: withoutCredentials(config.REDIS_URL), event_types: Object.keys(module.handlers) },
  'workers started',
);
const connections = [consumerRedis, requestRedis];
closeOnSignal(
  [
    // The pool first: health and metrics answer while it drains.
    () => pool.close(),
    () => app.close(),
    async () => {
      stopAnnouncing();
      clock.close();
      await Promise.all(connections.map(closeRedis));
    },
  ],
  logger,
  config.DRAIN_TIMEOUT * 1000 + 5_000,
);
