import {
  createListenerObserver,
  createServiceMetrics,
  QueueMetricsCollector,
  RedisMemoryCollector,
  RedisMetricsCollector,
} from '../infrastructure/metrics/index.ts';
import { loadOrchestratorConfig, withoutCredentials } from '../shared/config.ts';
import { packagePath, packageVersion } from '../shared/package.ts';
import { closeRedis, createReadingRedis, createRequestRedis } from '../shared/queue/connections.ts';
import { readRedisMemory } from '../shared/queue/redis/redis-memory.ts';
import { watchRedis } from '../shared/queue/redis/redis-watch.ts';
import { readQueue } from '../shared/queue/snapshot.ts';
import { locateRedis } from '../shared/redis-server.ts';
import { shownAddress } from '../shared/redis-url.ts';
import { createAccess } from '../shared/service/access/access.ts';
import { createDrainDelay } from '../shared/service/drain-delay.ts';
import { createLogger } from '../shared/service/logging.ts';
import { closeOnSignal, exitOnUncaughtError } from '../shared/service/shutdown.ts';
import { orExit, warnIfOpen } from '../shared/service/startup.ts';
import { loadTracing } from '../shared/service/tracing.ts';
import { warnAboutUnknownVariables } from '../shared/service/unknown-variables.ts';
import { buildOrchestrator } from './app.ts';
import { createEvents } from './events.ts';
import { createAlertsSource, NO_ALERTS } from './query/alerts/alerts-source.ts';
import { createQueryMetrics } from './query/query-metrics.ts';
import { createTsdb } from './query/tsdb.ts';
import { reportTsdbVersion } from './query/tsdb-support.ts';
import { createSchedules } from './schedules/schedules.ts';
import { createSubmissionObserver } from './tasks/submission-observer.ts';
import { createTasks, type Tasks } from './tasks/tasks.ts';

const STOP_LIMIT_MS = 10_000;

/** Constructs the orchestrator, serves, and closes at the stop. Returns when it serves. */
export async function runOrchestrator(stop: Promise<string>): Promise<void> {
  const config = orExit(loadOrchestratorConfig);
  const version = packageVersion();
  const service = config.SERVICE_NAME;
  const logger = createLogger({ service, level: config.LOG_LEVEL });
  exitOnUncaughtError(logger);
  warnAboutUnknownVariables(logger);
  const steps: (() => Promise<unknown>)[] = [];
  const drainDelay = createDrainDelay(config.DRAIN_DELAY);
  closeOnSignal(stop, steps, logger, config.DRAIN_DELAY * 1000 + STOP_LIMIT_MS);
  const access = orExit(() => createAccess(config, logger));
  const { registry, redisObserver, reportRedisFinding } = createServiceMetrics({
    service,
    version,
    revision: config.SERVICE_REVISION,
    onCollectorError: (collector, error) => logger.debug({ collector, error }, 'a metrics collector failed'),
  });
  const server = locateRedis(config);
  const redis = createRequestRedis({ server, logger, observer: redisObserver });
  const watch = watchRedis(redis, {
    prefix: config.QUEUE_PREFIX,
    logger,
    reportFinding: reportRedisFinding,
  });
  const tracing = config.OTEL_TRACING ? await orExit(loadTracing) : undefined;
  const tasks = createTasks(config, { redis, tracing, logger });
  const events = createEvents(tasks, {
    connect: () => createReadingRedis({ server, logger, observer: redisObserver }),
    observer: createListenerObserver(registry, service),
  });
  const submitted = createSubmissionObserver(registry, service, tasks.eventTypes);
  const { queue } = tasks.queues.first;
  const schedules = createSchedules(config, { redis, queue, tracing, logger, registry, submitted });
  registry.addCollector(new RedisMetricsCollector(registry, service, watch.health));
  registry.addCollector(
    new RedisMemoryCollector(registry, service, () => readRedisMemory(redis, config.QUEUE_PREFIX)),
  );
  registry.addCollector(new QueueMetricsCollector(registry, { service, queues: readableQueues(tasks) }));
  const queryMetrics = createQueryMetrics(registry, service);
  const alerts = config.ALERTS_URL === undefined ? NO_ALERTS : createAlertsSource(config.ALERTS_URL);
  const tsdb = createTsdb(config, { observer: queryMetrics.observer, logger });

  const app = await buildOrchestrator({
    config,
    version,
    logger,
    registry,
    access,
    tasks,
    events,
    submitted,
    schedules,
    tsdb,
    alerts,
    queryMetrics,
    drainDelay,
    checkRedis: () => watch.health.check(),
    isReplica: () => watch.health.isReplica,
    dashboardFolder: packagePath('dashboard/dist'),
  });
  steps.push(
    async () => events.close(), // clients go to another process while this one still answers
    () => drainDelay.begin(),
    () => app.close(),
    async () => tsdb.close(),
    () => alerts.close(),
    () => schedules.close(),
    () => tasks.close(),
    async () => watch.close(),
    () => closeRedis(redis),
    async () => access.close(),
  );
  await orExit(() => app.listen({ host: config.SERVICE_HOST, port: config.SERVICE_PORT }));
  warnIfOpen(logger, config.SERVICE_HOST, access);
  reportTsdbVersion(config.VICTORIAMETRICS_URL, logger);
  const tsdbUrl = withoutCredentials(config.VICTORIAMETRICS_URL);
  logger.info({ version, redis: shownAddress(server.address), tsdb: tsdbUrl }, 'orchestrator started');
}

function readableQueues({ queues }: Tasks) {
  return queues.all.map(({ name, queueRedis: { redis, keyOf } }) => ({
    queue: name,
    read: () => readQueue(redis, keyOf),
  }));
}
