import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import {
  createPoolObserver,
  createServiceMetrics,
  createWebhookObserver,
} from '../infrastructure/metrics/index.ts';
import { loadWorkersConfig, type WorkersConfig } from '../shared/config.ts';
import { findHandlers } from '../shared/handlers-module.ts';
import { packageVersion } from '../shared/package.ts';
import { queueKeys } from '../shared/queue/bullmq-schema.ts';
import { RedisClock } from '../shared/queue/clock.ts';
import {
  closeRedis,
  createConsumerRedis,
  createRequestRedis,
  createSubscriberRedis,
} from '../shared/queue/connections.ts';
import { announceSchedules, withdrawSchedules } from '../shared/queue/declared-schedules.ts';
import { announceEventTypes } from '../shared/queue/event-types.ts';
import { announcePayloadSchemas } from '../shared/queue/payload-schemas.ts';
import { watchRedis } from '../shared/queue/redis/redis-watch.ts';
import { registerWorker } from '../shared/queue/worker-registry.ts';
import { parseQueueSlots, QUEUE_NAME, type QueueSlots } from '../shared/queue-names.ts';
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
import { bringBackWaiting } from './limits/handler-wait.ts';
import { loadHandlers } from './load-handlers.ts';
import { logExitsOfHandlers } from './recovery/exit-log.ts';
import { firstTurns } from './recovery/first-turns.ts';
import { Solitude } from './recovery/solitude.ts';
import { announcedSchemas } from './schema-announcement.ts';
import { createDelivery } from './webhooks/delivery.ts';
import { startDispatcher } from './webhooks/dispatcher.ts';
import { keepWebhooks, refuseOwnDeliveries, withDeliveries } from './webhooks/webhooks.ts';
import { readWebhooks } from './webhooks/webhooks-file.ts';
import { WorkerPool, workerPoolOptions } from './worker-pool.ts';
import { WorkerPools } from './worker-pools.ts';

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
  const { WEBHOOKS_FILE } = config;
  const firstWebhooks = WEBHOOKS_FILE === undefined ? [] : await orExit(() => readWebhooks(WEBHOOKS_FILE));
  const loaded = await orExit(() => loadHandlers(findHandlers(config.WORKER_HANDLERS).path));
  orExit(() => refuseOwnDeliveries(loaded));
  const id = randomUUID();
  const { registry, redisObserver, reportRedisFinding } = createServiceMetrics({
    service,
    version,
    revision: config.SERVICE_REVISION,
    onCollectorError: (collector, error) => logger.debug({ collector, error }, 'a metrics collector failed'),
  });
  const prefix = config.QUEUE_PREFIX;
  const redisOptions = { server: locateRedis(config), logger, observer: redisObserver };
  const requestRedis = createRequestRedis(redisOptions);
  const subscriberRedis = createSubscriberRedis(redisOptions);
  const clock = new RedisClock(requestRedis, prefix);
  const webhookObserver = createWebhookObserver(registry, service);
  const webhooks = keepWebhooks(WEBHOOKS_FILE, firstWebhooks, webhookObserver, logger);
  const webhookParts = {
    webhooks: webhooks.current,
    redis: requestRedis,
    keyOf: queueKeys(prefix),
    clock,
    observer: webhookObserver,
  };
  const deliver = createDelivery(webhookParts);
  const queues = queuesOf(config);
  const fewestSlots = Math.min(...queues.map(({ slots }) => slots));
  const module = WEBHOOKS_FILE === undefined ? loaded : withDeliveries(loaded, deliver, fewestSlots);
  const eventTypes = Object.keys(module.handlers);
  const watch = watchRedis(requestRedis, { prefix, logger, reportFinding: reportRedisFinding });
  const tracing = config.OTEL_TRACING ? await orExit(loadTracing) : undefined;
  const consumers = queues.map(() => createConsumerRedis(redisOptions));
  const shared = {
    solitude: new Solitude(),
    cancels: subscriberRedis,
    clock,
    refusals: watch.refusals,
    observer: createPoolObserver(registry, service, eventTypes),
    logger,
    telemetry: tracing?.telemetry,
  };
  const turns = firstTurns(queues.length);
  const pool = new WorkerPools(
    consumers.map((connection, i) => {
      const slots = queues[i] as QueueSlots; // there are as many
      const options = workerPoolOptions(id, config, module, slots);
      return {
        queue: slots.queue,
        pool: new WorkerPool(options, { ...shared, connection, firstTurn: turns[i] }),
      };
    }),
  );
  const stopDispatcher =
    WEBHOOKS_FILE === undefined
      ? () => undefined
      : startDispatcher({
          ...webhookParts,
          queues: queues.map(({ queue }) => ({ queue, keyOf: queueKeys(prefix, queue) })),
          onRedisError: (error) =>
            logger.debug({ error }, 'ends of tasks could not be turned into deliveries'),
        });
  const schemas = announcedSchemas(module.handlers);
  const declaration = { event_types: eventTypes, schedules: module.schedules };
  const withdraw = announceEventTypes(requestRedis, {
    prefix,
    worker: id,
    types: eventTypes,
    onAnnounced: async () => {
      await announcePayloadSchemas(requestRedis, prefix, schemas);
      await announceSchedules(requestRedis, prefix, id, declaration);
      const keys = queues.map(({ queue }) => queueKeys(prefix, queue));
      const isMore = await Promise.all(
        keys.map((keyOf) => bringBackWaiting(requestRedis, keyOf, eventTypes)),
      );
      return isMore.includes(true);
    },
  });
  const registration = registerWorker(requestRedis, prefix, {
    id,
    host: hostname(),
    pid: process.pid,
    version,
    slots: queues.reduce((sum, { slots }) => sum + slots, 0),
    queues,
    event_types: eventTypes,
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
    queues,
  });
  steps.push(
    // first: health and metrics are served meanwhile
    () =>
      Promise.all([
        drainDelay.begin(),
        pool.close(),
        withdraw(),
        withdrawSchedules(requestRedis, prefix, id),
        registration.drain(),
      ]),
    async () => stopDispatcher(),
    () => registration.stop(),
    () => server.close(),
    async () => {
      clock.close();
      watch.close();
      webhooks.stop();
      await Promise.all([...consumers, requestRedis, subscriberRedis].map(closeRedis));
    },
  );
  await orExit(() => server.listen({ host: config.SERVICE_HOST, port: config.SERVICE_PORT }));
  warnIfOpen(logger, config.SERVICE_HOST, access, false);
  const redis = shownAddress(redisOptions.server.address);
  logger.info({ version, redis, worker: id, event_types: eventTypes }, 'workers started');
}

function queuesOf({ WORKER_QUEUES, WORKER_POOL_SIZE }: WorkersConfig): readonly QueueSlots[] {
  const queues = WORKER_QUEUES === undefined ? undefined : parseQueueSlots(WORKER_QUEUES);
  return queues ?? [{ queue: QUEUE_NAME, slots: WORKER_POOL_SIZE }];
}
