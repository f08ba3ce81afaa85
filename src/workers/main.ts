import { createPoolObserver, createServiceMetrics } from '../infrastructure/metrics/index.ts';
import { loadWorkersConfig, packageVersion, withoutCredentials } from '../shared/config.ts';
import { RedisClock } from '../shared/queue/clock.ts';
import { closeRedis, createConsumerRedis, createRequestRedis } from '../shared/queue/connections.ts';
import { announceEventTypes } from '../shared/queue/event-types.ts';
import { createLogger } from '../shared/service/logging.ts';
import { closeOnSignal, exitOnUncaughtError } from '../shared/service/shutdown.ts';
import { orExit } from '../shared/service/startup.ts';
import { loadTracing } from '../shared/service/tracing.ts';
import { buildWorkersServer } from './app.ts';
import { TaskScope } from './attempts/task-scope.ts';
import { loadHandlers } from './load-handlers.ts';
import { logExitsOfHandlers } from './recovery/exit-log.ts';
import { WorkerPool, workerPoolOptions } from './worker-pool.ts';

const config = orExit(loadWorkersConfig);
const module = await orExit(() => loadHandlers(config.WORKER_HANDLERS));
const eventTypes = Object.keys(module.handlers);
const version = packageVersion();
const service = config.SERVICE_NAME;
const logging = { service, level: config.LOG_LEVEL };
const logger = createLogger(logging);
exitOnUncaughtError(logger, TaskScope.claim);
logExitsOfHandlers(createLogger({ ...logging, isSync: true }));
const { registry, redisObserver } = createServiceMetrics({
  service,
  version,
  onCollectorError: (collector, error) => logger.debug({ collector, error }, 'a metrics collector failed'),
});
const redisOptions = { url: config.REDIS_URL, logger, observer: redisObserver };
const consumerRedis = createConsumerRedis(redisOptions);
const requestRedis = createRequestRedis(redisOptions);
const clock = new RedisClock(requestRedis);
const tracing = config.OTEL_TRACING ? await orExit(loadTracing) : undefined;
const pool = new WorkerPool(workerPoolOptions(config, module), {
  connection: consumerRedis,
  clock,
  observer: createPoolObserver(registry, service),
  logger,
  telemetry: tracing?.telemetry,
});
const stopAnnouncing = announceEventTypes(requestRedis, config.QUEUE_PREFIX, eventTypes);
const server = await buildWorkersServer({ config, version, logger, registry, redis: requestRedis, pool });
await orExit(() => server.listen({ host: config.SERVICE_HOST, port: config.SERVICE_PORT }));
const redis = withoutCredentials(config.REDIS_URL);
logger.info({ version, redis, event_types: eventTypes }, 'workers started');

closeOnSignal(
  [
    () => pool.close(), // first: health and metrics are served while it drains
    () => server.close(),
    async () => {
      stopAnnouncing();
      clock.close();
      await Promise.all([consumerRedis, requestRedis].map(closeRedis));
    },
  ],
  logger,
  config.DRAIN_TIMEOUT * 1000 + 5_000,
);
