import {
  type MetricsRegistry,
  metricsEndpoint,
  prometheusMiddleware,
} from '../infrastructure/metrics/index.ts';
import { createAuditObserver } from '../infrastructure/telemetry/audit-observer.ts';
import type { OrchestratorConfig } from '../shared/config.ts';
import { packagePath } from '../shared/package.ts';
import type { Access } from '../shared/service/access/access.ts';
import { auditChanges } from '../shared/service/access/audit.ts';
import { refuseForeignRequests } from '../shared/service/access/foreign-requests.ts';
import { SCOPES } from '../shared/service/access/tokens.ts';
import { boundBodies } from '../shared/service/body-budget.ts';
import { type DrainDelay, endConnectionsWhileStopping } from '../shared/service/drain-delay.ts';
import { type HealthCheck, healthRoutes } from '../shared/service/health.ts';
import { createHttpServer, type HttpServer } from '../shared/service/http-server.ts';
import type { Logger } from '../shared/service/logging.ts';
import { accessRoute } from './access-route.ts';
import { describeApi } from './api-document.ts';
import { dashboardRoutes } from './dashboard-routes.ts';
import type { AlertsSource } from './query/alerts/alerts-source.ts';
import { answerRefused } from './query/error-responses.ts';
import { queryApi } from './query/query-api.ts';
import type { QueryMetrics } from './query/query-metrics.ts';
import type { Tsdb } from './query/tsdb.ts';
import { runbookRoutes } from './runbook-routes.ts';
import { createEventTypeCheck } from './tasks/event-type-check.ts';
import { listingRoutes } from './tasks/listing-routes.ts';
import { createPayloadCheck } from './tasks/payload-check.ts';
import { queueRoutes } from './tasks/queue-routes.ts';
import { createSubmissionObserver } from './tasks/submission-observer.ts';
import { submissionRoutes } from './tasks/submission-routes.ts';
import { taskRoutes } from './tasks/task-routes.ts';
import type { Tasks } from './tasks/tasks.ts';

export interface OrchestratorDependencies {
  readonly config: OrchestratorConfig;
  readonly version: string;
  readonly logger: Logger;
  readonly registry: MetricsRegistry;
  readonly access: Access;
  readonly tasks: Tasks;
  readonly tsdb: Tsdb;
  readonly alerts: AlertsSource;
  readonly queryMetrics: QueryMetrics;
  readonly drainDelay: DrainDelay;
  readonly checkRedis: HealthCheck;
  /** The build of the dashboard. */
  readonly dashboardFolder: string;
}

/** Makes the orchestrator's HTTP server with all its routes. It does not listen yet. */
export async function buildOrchestrator(dependencies: OrchestratorDependencies): Promise<HttpServer> {
  const { config, version, logger, registry, access, drainDelay, checkRedis, dashboardFolder } = dependencies;
  const service = config.SERVICE_NAME;
  const app = createHttpServer(logger, {
    refusals: { prefix: '/api/metrics/', answer: answerRefused },
    trustedProxies: config.TRUSTED_PROXIES,
  });
  endConnectionsWhileStopping(app, drainDelay);
  await describeApi(app, access, version);
  await app.register(prometheusMiddleware, { registry, service });
  refuseForeignRequests(app, {
    hasToken: ({ routeOptions }) => !access[routeOptions.url === '/metrics' ? 'metrics' : 'api'].isOpen,
    allowedHosts: config.ALLOWED_HOSTS,
  });
  boundBodies(app);
  await app.register(metricsEndpoint, {
    registry,
    service,
    authorize: access.metrics.require('metrics:read'),
  });
  const checks = { redis: checkRedis, running: drainDelay.check };
  await app.register(healthRoutes, { service, version, checks });
  await app.register(accessRoute, { access: access.api });
  await app.register(async (api) => registerTaskRoutes(api, dependencies));
  const authorize = access.api.require('metrics:read');
  await app.register(queryApi, { prefix: '/api/metrics', authorize, ...queryApiOptions(dependencies) });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  await app.register(dashboardRoutes, { folder: dashboardFolder });
  await app.register(runbookRoutes, { path: packagePath('docs/runbooks.md') });
  return app;
}

/** Each route of tasks and of the queue asks for the scope that it needs; no answer of theirs is kept by anyone. */
async function registerTaskRoutes(
  api: HttpServer,
  { config, registry, access, tasks }: OrchestratorDependencies,
): Promise<void> {
  const { submitter, listing, store, queue, eventTypes, payloadSchemas, readQueue } = tasks;
  const authorizeByScope = Object.fromEntries(SCOPES.map((scope) => [scope, access.api.require(scope)]));
  auditChanges(api, createAuditObserver(registry, config.SERVICE_NAME));
  api.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    await authorizeByScope[request.routeOptions.config.scope ?? 'tasks:read']?.(request);
  });
  const observer = createSubmissionObserver(registry, config.SERVICE_NAME, eventTypes);
  const checkPayloads = createPayloadCheck({ schemas: payloadSchemas });
  const checkEventTypes = createEventTypeCheck({ eventTypes, policy: config.UNKNOWN_EVENT_TYPES });
  await api.register(submissionRoutes, { submitter, observer, checkEventTypes, checkPayloads });
  await api.register(listingRoutes, { listing });
  await api.register(taskRoutes, { store });
  await api.register(queueRoutes, { queue, readQueue });
}

function queryApiOptions({ config, tsdb, alerts, queryMetrics }: OrchestratorDependencies) {
  return {
    alerts,
    tsdb: tsdb.client,
    healthProbe: tsdb.healthProbe,
    dialectProbe: tsdb.dialectProbe,
    metrics: queryMetrics,
    dialect: config.QUERY_DIALECT,
    rateLimit: config.QUERY_RATE_LIMIT,
    corsOrigins: config.QUERY_CORS_ORIGINS,
    scrapeIntervalSeconds: config.SCRAPE_INTERVAL,
    traceUrlTemplate: config.TRACE_URL_TEMPLATE,
    flags: {
      'query.timeout': `${config.VICTORIAMETRICS_QUERY_TIMEOUT}s`,
      'query.max-concurrency': String(config.QUERY_CONCURRENCY),
    },
  };
}
