import { createPoolObserver, createServiceMetrics } from '../infrastructure/metrics/index.ts';
import { loadWorkersConfig } from '../shared/config.ts';
import { findHandlers } from '../shared/handlers-module.ts';
import { packageVersion } from '../shared/package.ts';
import { RedisClock } from '../shared/queue/clock.ts';
import { closeRedis, createConsumerRedis, createRequestRedis } from '../shared/queue/connections.ts';
import { announceEventTypes } from '../shared/queue/event-types.ts';
import { announcePayloadSchemas } from '../shared/queue/payload-schemas.ts';
import { watchRedis } from '../shared/queue/redis/redis-watch.ts';
import { locateRedis } from '../shared/redis-server.ts';
import { shownAddress } from '../shared/redis-url.ts';
import { createAccess } from '../shared/service/access/access.ts';
import { createDrainDelay } from '../shared/service/drain-delay.ts';
import { createLogger } from '../shared/service/logging.ts';
import { closeOnSignal, exitOnUncaughtError } from '../shared/service/shutdown.ts';
import { orExit, warnIfOpen } from '../shared/service/startup.ts';
import { loadTracing } from '../shared/service/tracing.ts';
import { warnAboutUnknownVariables } from '../shared/service/unknown-variables.ts';
import { buildWorkersServer } from './app.ts';
import { TaskScope } from './attempts/task-scope.ts';
import { bringBackUnhandled } from './limits/handler-wait.ts';
import { loadHandlers } from './load-handlers.ts';
import { logExitsOfHandlers } from './recovery/exit-log.ts';
import { announcedSchemas } from './schema-announcement.ts';
import { WorkerPool, workerPoolOptions } from './worker-pool.ts';

/** Constructs the workers, serves, and closes at the stop. Returns when it serves. */
export async function runWorkers(stop: Promise<string>): Promise<void> {
  const config = orExit(loadWorkersConfig);
  const version = packageVersion();
  const service = config.SERVICE_NAME;
  const logging = { service, level: config.LOG_LEVEL };
  const logger = createLogger(logging);
  exitOnUncaughtError(logger, TaskScope.claim);
  logExitsOfHandlers(createLogger({ ...logging, isSync: true }));
  warnAboutUnknownVariables(logger);
  const steps: (() => Promise<unknown>)[] = [];
  const drainDelay = createDrainDelay(config.DRAIN_DELAY);
  const drainLimit = Math.max(config.DRAIN_DELAY, config.DRAIN_TIMEOUT);
  closeOnSignal(stop, steps, logger, drainLimit * 1000 + 5_000);
  const module = await orExit(() => loadHandlers(findHandlers(config.WORKER_HANDLERS).path));
  const eventTypes = Object.keys(module.handlers);
  const { registry, redisObserver, reportRedisFinding } = createServiceMetrics({
    service,
    version,
    revision: config.SERVICE_REVISION,
    onCollectorError: (collector, error) => logger.debug({ collector, error }, 'a metrics collector failed'),
  });
  const prefix = config.QUEUE_PREFIX;
  const redisOptions = { server: locateRedis(config), logger, observer: redisObserver };
  const consumerRedis = createConsumerRedis(redisOptions);
  const requestRedis = createRequestRedis(redisOptions);
  const clock = new RedisClock(requestRedis, prefix);
  const watch = watchRedis(requestRedis, { prefix, logger, reportFinding: reportRedisFinding });
  const tracing = config.OTEL_TRACING ? await orExit(loadTracing) : undefined;
  const pool = new WorkerPool(workerPoolOptions(config, module), {
    connection: consumerRedis,
    clock,
    refusals: watch.refusals,
    observer: createPoolObserver(registry, service, eventTypes),
    logger,
    telemetry: tracing?.telemetry,
  });
  const schemas = announcedSchemas(module.handlers);
  const withdraw = announceEventTypes(requestRedis, {
    prefix,
    types: eventTypes,
    onAnnounced: async () => {
      await announcePayloadSchemas(requestRedis, prefix, schemas);
      return bringBackUnhandled(requestRedis, prefix, eventTypes);
    },
  });
  const access = createAccess(
    { ...(config.METRICS_TOKEN && { METRICS_TOKEN: config.METRICS_TOKEN }) },
    logger,
  );
  const server = await buildWorkersServer({
    config,
    version,
    logger,
    registry,
    access,
    redis: requestRedis,
    redisHealth: watch.health,
    drainDelay,
    pool,
  });
  steps.push(
    // first: health and metrics are served meanwhile
    () => Promise.all([drainDelay.begin(), pool.close(), withdraw()]),
    () => server.close(),
    async () => {
      clock.close();
      watch.close();
      await Promise.all([consumerRedis, requestRedis].map(closeRedis));
    },
  );
  await orExit(() => server.listen({ host: config.SERVICE_HOST, port: config.SERVICE_PORT }));
  warnIfOpen(logger, config.SERVICE_HOST, access, false);
  const redis = shownAddress(redisOptions.server.address);
  logger.info({ version, redis, event_types: eventTypes }, 'workers started');
}
