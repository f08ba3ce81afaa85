import {
  createServiceMetrics,
  QueueMetricsCollector,
  RedisMetricsCollector,
} from '../infrastructure/metrics/index.ts';
import { loadOrchestratorConfig, packagePath, packageVersion, withoutCredentials } from '../shared/config.ts';
import { closeRedis, createRequestRedis } from '../shared/queue/connections.ts';
import { QUEUE_NAME } from '../shared/queue/queue.ts';
import { createAccess } from '../shared/service/access/access.ts';
import { RedisHealthChecker } from '../shared/service/health.ts';
import { createLogger } from '../shared/service/logging.ts';
import { closeOnSignal } from '../shared/service/shutdown.ts';
import { orExit, warnIfOpen } from '../shared/service/startup.ts';
import { loadTracing } from '../shared/service/tracing.ts';
import { warnAboutUnknownVariables } from '../shared/service/unknown-variables.ts';
import { buildOrchestrator } from './app.ts';
import { createQueryMetrics } from './query/query-metrics.ts';
import { createTsdb } from './query/tsdb.ts';
import { reportTsdbVersion } from './query/tsdb-support.ts';
import { createTasks } from './tasks/tasks.ts';

const STOP_LIMIT_MS = 10_000;

const config = orExit(loadOrchestratorConfig);
const version = packageVersion();
const service = config.SERVICE_NAME;
const logger = createLogger({ service, level: config.LOG_LEVEL });
warnAboutUnknownVariables(logger);
const steps: (() => Promise<unknown>)[] = [];
closeOnSignal(steps, logger, STOP_LIMIT_MS); // first: a signal during the start must not be lost
const access = orExit(() => createAccess(config, logger));
const { registry, redisObserver } = createServiceMetrics({
  service,
  version,
  onCollectorError: (collector, error) => logger.debug({ collector, error }, 'a metrics collector failed'),
});
const redis = createRequestRedis({ url: config.REDIS_URL, logger, observer: redisObserver });
const redisHealth = new RedisHealthChecker(redis);
const tracing = config.OTEL_TRACING ? await orExit(loadTracing) : undefined;
const tasks = createTasks(config, { redis, tracing, logger });
const queueSource = { service, queue: QUEUE_NAME, read: tasks.readQueue };
registry.addCollector(new RedisMetricsCollector(registry, service, redisHealth));
registry.addCollector(new QueueMetricsCollector(registry, queueSource));
const queryMetrics = createQueryMetrics(registry, service);
const tsdb = createTsdb(config, { observer: queryMetrics.observer, logger });

const app = await buildOrchestrator({
  config,
  version,
  logger,
  registry,
  access,
  tasks,
  tsdb,
  queryMetrics,
  checkRedis: () => redisHealth.check(),
  dashboardFolder: packagePath('dashboard/dist'),
});
steps.push(
  () => app.close(),
  () => tsdb.close(),
  () => tasks.close(),
  () => closeRedis(redis),
  async () => access.close(),
);
await orExit(() => app.listen({ host: config.SERVICE_HOST, port: config.SERVICE_PORT }));
warnIfOpen(logger, config.SERVICE_HOST, access);
reportTsdbVersion(config.VICTORIAMETRICS_URL, logger);
const [redisUrl, tsdbUrl] = [config.REDIS_URL, config.VICTORIAMETRICS_URL].map(withoutCredentials);
logger.info({ version, redis: redisUrl, tsdb: tsdbUrl }, 'orchestrator started');
