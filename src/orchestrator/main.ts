import {
  createServiceMetrics,
  QueueMetricsCollector,
  RedisMetricsCollector,
} from '../infrastructure/metrics/index.ts';
import { loadOrchestratorConfig, packagePath, packageVersion, withoutCredentials } from '../shared/config.ts';
import { RedisClock } from '../shared/queue/clock.ts';
import { closeRedis, createRequestRedis } from '../shared/queue/connections.ts';
import { EventTypes } from '../shared/queue/event-types.ts';
import { createTaskQueue, QUEUE_NAME } from '../shared/queue/queue.ts';
import { readQueue } from '../shared/queue/snapshot.ts';
import { RedisHealthChecker } from '../shared/service/health.ts';
import { createLogger } from '../shared/service/logging.ts';
import { closeOnSignal, exitOnUncaughtError } from '../shared/service/shutdown.ts';
import { orExit, warnIfOpen } from '../shared/service/startup.ts';
import { loadTracing } from '../shared/service/tracing.ts';
import { buildOrchestrator } from './app.ts';
import { createQueryMetrics } from './query/query-metrics.ts';
import { createQueryClient } from './query/tsdb-client.ts';
import { TaskStore } from './tasks/task-store.ts';

const config = orExit(loadOrchestratorConfig);
const version = packageVersion();
const logger = createLogger({ service: config.SERVICE_NAME, level: config.LOG_LEVEL });
const service = config.SERVICE_NAME;
exitOnUncaughtError(logger);

const metrics = createServiceMetrics({
  service,
  version,
  onCollectorError: (collector, error) => logger.debug({ collector, error }, 'a metrics collector failed'),
});
const redis = createRequestRedis({ url: config.REDIS_URL, logger, observer: metrics.redisObserver });
const tracing = config.OTEL_TRACING ? await orExit(loadTracing) : undefined;
const queue = createTaskQueue(redis, config.QUEUE_PREFIX, tracing?.telemetry);
queue.on('error', (error) => logger.debug({ error }, 'queue error'));
const redisHealth = new RedisHealthChecker(redis);
metrics.registry.addCollector(new RedisMetricsCollector(metrics.registry, service, redisHealth));
const read = () => readQueue(redis, config.QUEUE_PREFIX);
metrics.registry.addCollector(
  new QueueMetricsCollector(metrics.registry, { service, queue: QUEUE_NAME, read }),
);

const queryMetrics = createQueryMetrics(metrics.registry, service);
const tsdb = createQueryClient(config, { observer: queryMetrics.observer, logger });
const clock = new RedisClock(redis);
const store = new TaskStore(queue, redis, clock, {
  maxAttempts: config.TASK_MAX_ATTEMPTS,
  retryDelayMs: config.TASK_RETRY_DELAY * 1000,
  tracing,
});
const app = await buildOrchestrator({
  config,
  version,
  logger,
  registry: metrics.registry,
  store,
  eventTypes: new EventTypes(redis, config.QUEUE_PREFIX),
  readQueue: read,
  tsdb,
  queryMetrics,
  checkRedis: () => redisHealth.check(),
  dashboardFolder: packagePath('dashboard/dist'),
});
await orExit(() => app.listen({ host: config.SERVICE_HOST, port: config.SERVICE_PORT }));
warnIfOpen(logger, config);
logger.info(
  {
    version,
    redis: withoutCredentials(config.REDIS_URL),
    tsdb: withoutCredentials(config.VICTORIAMETRICS_URL),
  },
  'orchestrator started',
);
closeOnSignal(
  [
    () => app.close(),
    () => tsdb.close(),
    () => queue.close(),
    async () => clock.close(),
    () => closeRedis(redis),
  ],
  logger,
  10_000,
);
