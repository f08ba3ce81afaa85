import fastifySwagger from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import type { MetricsRegistry } from '../infrastructure/metrics/index.ts';
import { metricsEndpoint, prometheusMiddleware } from '../infrastructure/metrics/index.ts';
import type { VictoriaMetricsClient } from '../infrastructure/victoria-metrics/client.ts';
import type { OrchestratorConfig } from '../shared/config.ts';
import type { EventTypes } from '../shared/queue/event-types.ts';
import type { QueueSnapshot } from '../shared/queue/snapshot.ts';
import { type HealthCheck, healthRoutes } from '../shared/service/health.ts';
import { createHttpServer, requireToken } from '../shared/service/http-server.ts';
import type { Logger } from '../shared/service/logging.ts';
import { dashboardRoutes } from './dashboard-routes.ts';
import { answerRefused, metricsApi } from './query/query-api.ts';
import type { QueryMetrics } from './query/query-metrics.ts';
import { queueRoutes } from './tasks/queue-routes.ts';
import { createSubmissionObserver } from './tasks/submission-observer.ts';
import { taskRoutes } from './tasks/task-routes.ts';
import type { TaskStore } from './tasks/task-store.ts';

export interface OrchestratorDependencies {
  readonly config: OrchestratorConfig;
  readonly version: string;
  readonly logger: Logger;
  readonly registry: MetricsRegistry;
  readonly store: TaskStore;
  readonly eventTypes: EventTypes;
  readonly readQueue: () => Promise<QueueSnapshot>;
  readonly tsdb: VictoriaMetricsClient;
  readonly queryMetrics: QueryMetrics;
  readonly checkRedis: HealthCheck;
  /** Where the dashboard was built to. */
  readonly dashboardFolder: string;
}

/** The orchestrator's HTTP server with all its routes, not yet listening. */
export async function buildOrchestrator(dependencies: OrchestratorDependencies) {
  const {
    config,
    version,
    logger,
    registry,
    store,
    eventTypes,
    readQueue,
    tsdb,
    queryMetrics,
    checkRedis,
    dashboardFolder,
  } = dependencies;
  const service = config.SERVICE_NAME;
  const app = createHttpServer(logger, {
    refusals: { prefix: '/api/metrics/', answer: answerRefused },
    trustedProxies: config.TRUSTED_PROXIES,
  });
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0', // whose schemas have `examples`, as ours
      info: { title: 'asdlc orchestrator', version, description: 'Tasks, metrics and health.' },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
    transform: ({ schema, url }) => {
      const token = url.startsWith('/api/') ? config.API_TOKEN : url === '/metrics' && config.METRICS_TOKEN;
      return { schema: { ...schema, ...(token && { security: [{ token: [] }] }) }, url };
    },
  });
  await app.register(fastifySwaggerUi, { routePrefix: '/docs' });
  await app.register(prometheusMiddleware, { registry, service });
  await app.register(metricsEndpoint, { registry, service, authorize: requireToken(config.METRICS_TOKEN) });
  await app.register(healthRoutes, { service, version, checks: { redis: checkRedis } });
  const authorize = requireToken(config.API_TOKEN);
  await app.register(async (api) => {
    api.addHook('onRequest', authorize);
    await api.register(taskRoutes, {
      store,
      submissions: createSubmissionObserver(registry, service, eventTypes),
    });
    await api.register(queueRoutes, { store, readQueue });
  });
  await app.register(metricsApi, {
    prefix: '/api/metrics',
    tsdb,
    metrics: queryMetrics,
    authorize,
    ...metricsApiSettings(config),
  });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  await app.register(dashboardRoutes, { folder: dashboardFolder });
  return app;
}

function metricsApiSettings(config: OrchestratorConfig) {
  return {
    dialect: config.QUERY_DIALECT,
    rateLimit: config.QUERY_RATE_LIMIT,
    corsOrigins: config.QUERY_CORS_ORIGINS,
    slowSeconds: config.QUERY_SLOW_SECONDS,
    scrapeIntervalSeconds: config.SCRAPE_INTERVAL,
    flags: {
      'query.timeout': `${config.VICTORIAMETRICS_QUERY_TIMEOUT}s`,
      'query.max-concurrency': String(config.QUERY_CONCURRENCY),
    },
  };
}
