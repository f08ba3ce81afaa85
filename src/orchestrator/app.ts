import {
  type MetricsRegistry,
  metricsEndpoint,
  prometheusMiddleware,
} from '../infrastructure/metrics/index.ts';
import { createAuditObserver } from '../infrastructure/telemetry/audit-observer.ts';
import type { OrchestratorConfig } from '../shared/config.ts';
import { redisUnavailable } from '../shared/errors.ts';
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
import { apiDocumentRoute, describeApi } from './api-document.ts';
import { dashboardRoutes } from './dashboard-routes.ts';
import { eventRoutes } from './events/event-routes.ts';
import type { Events } from './events.ts';
import type { AlertsSource } from './query/alerts/alerts-source.ts';
import { answerRefused } from './query/error-responses.ts';
import { queryApi } from './query/query-api.ts';
import type { QueryMetrics } from './query/query-metrics.ts';
import { RepeatedRequests } from './query/repeated-requests.ts';
import type { Tsdb } from './query/tsdb.ts';
import { runbookRoutes } from './runbook-routes.ts';
import { scheduleRoutes } from './schedules/schedule-routes.ts';
import type { Schedules } from './schedules/schedules.ts';
import { bulkRoutes } from './tasks/bulk-routes.ts';
import { createEventTypeCheck } from './tasks/event-type-check.ts';
import { eventTypeRoutes } from './tasks/event-type-routes.ts';
import { listingRoutes } from './tasks/listing-routes.ts';
import { createPayloadCheck } from './tasks/payload-check.ts';
import { queueRoutes } from './tasks/queue-routes.ts';
import type { SubmissionObserver } from './tasks/submission-observer.ts';
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
  readonly events: Events;
  /** Counts submissions of tasks. */
  readonly submitted: SubmissionObserver;
  readonly schedules: Schedules;
  readonly tsdb: Tsdb;
  readonly alerts: AlertsSource;
  readonly queryMetrics: QueryMetrics;
  readonly drainDelay: DrainDelay;
  readonly checkRedis: HealthCheck;
  /** Whether Redis is a replica, whose primary overwrites what is written here. */
  readonly isReplica: () => boolean;
  /** The build of the dashboard. */
  readonly dashboardFolder: string;
}

/** Makes the orchestrator's HTTP server with all its routes. It does not listen yet. */
export async function buildOrchestrator(dependencies: OrchestratorDependencies): Promise<HttpServer> {
  const { config, version, logger, registry, access, tasks, drainDelay, checkRedis, dashboardFolder } =
    dependencies;
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
  const repeated = createRepeatedRequests(dependencies);
  repeated?.answerFirst(app);
  await app.register(queryApi, {
    prefix: '/api/metrics',
    authorize,
    repeated,
    ...queryApiOptions(dependencies),
  });
  await app.register(apiDocumentRoute, { access: access.api, payloadSchemas: tasks.payloadSchemas });
  await app.register(dashboardRoutes, { folder: dashboardFolder });
  await app.register(runbookRoutes, { path: packagePath('docs/runbooks.md') });
  return app;
}

/** Each route of tasks and of the queue asks for the scope that it needs; no answer of theirs is kept by anyone. */
async function registerTaskRoutes(
  api: HttpServer,
  { config, registry, access, tasks, events, submitted, schedules, isReplica }: OrchestratorDependencies,
): Promise<void> {
  const {
    submitter,
    listing,
    errors,
    store,
    bulk,
    queues,
    eventTypes,
    typePauses,
    payloadSchemas,
    listWorkers,
  } = tasks;
  const authorizeByScope = Object.fromEntries(SCOPES.map((scope) => [scope, access.api.require(scope)]));
  auditChanges(api, createAuditObserver(registry, config.SERVICE_NAME));
  api.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    const { action, scope = 'tasks:read' } = request.routeOptions.config;
    await authorizeByScope[scope]?.(request);
    if (action !== undefined && isReplica()) throw redisUnavailable();
  });
  const checkPayloads = createPayloadCheck({ schemas: payloadSchemas });
  const checkEventTypes = createEventTypeCheck({ eventTypes, policy: config.UNKNOWN_EVENT_TYPES });
  const { waits, streamsOf } = events;
  await api.register(eventTypeRoutes, { eventTypes, payloadSchemas, typePauses });
  await api.register(submissionRoutes, {
    submitter,
    observer: submitted,
    checkEventTypes,
    checkPayloads,
    waits,
  });
  await api.register(listingRoutes, { listing, errors });
  await api.register(taskRoutes, { store, waits });
  await api.register(eventRoutes, { streamsOf, authorize: access.api.require('tasks:read') });
  await api.register(bulkRoutes, { bulk });
  await api.register(scheduleRoutes, { ...schedules, checkEventTypes, checkPayloads });
  await api.register(queueRoutes, { queues, listWorkers, eventTypes });
}

/** None with a rate limit: every request counts towards it. */
function createRepeatedRequests({
  config,
  tsdb,
  access,
  queryMetrics,
  drainDelay,
}: OrchestratorDependencies) {
  if (config.QUERY_RATE_LIMIT > 0) return undefined;
  return new RepeatedRequests({
    tsdb: tsdb.client,
    access: access.api,
    metrics: queryMetrics,
    isStopping: drainDelay.hasBegun,
  });
}

function queryApiOptions({ config, tsdb, alerts, queryMetrics, drainDelay }: OrchestratorDependencies) {
  return {
    alerts,
    isStopping: drainDelay.hasBegun,
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
