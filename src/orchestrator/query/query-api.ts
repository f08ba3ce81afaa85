import cors from '@fastify/cors';
import rateLimit from '@fastify/rate-limit';
import type { FastifyRequest } from 'fastify';
import { ABORTED_STATUS, UNMATCHED } from '../../infrastructure/metrics/http/http-metrics.ts';
import type { HealthProbe } from '../../infrastructure/victoria-metrics/health-probe.ts';
import { QueryError } from '../../shared/errors.ts';
import type { HttpServer } from '../../shared/service/http-server.ts';
import { type AlertRoutesOptions, alertRoutes } from './alerts/alert-routes.ts';
import { answerErrorsAsPrometheus } from './error-responses.ts';
import { healthRoute } from './health-route.ts';
import { livenessRoutes } from './liveness-routes.ts';
import { type PanelsApiOptions, panelRoutes } from './panel-routes.ts';
import { type PrometheusRoutesOptions, prometheusRoutes } from './prometheus-routes.ts';
import type { QueryMetrics } from './query-metrics.ts';
import { takeForms } from './query-request.ts';
import { servicesRoute } from './services-route.ts';
import { logSlowQuery, SLOW_QUERY_SECONDS } from './slow-query-log.ts';
import { type StatusRoutesOptions, statusRoutes } from './status-routes.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route's name in the query API's metrics and log. */
    endpoint?: string;
  }
}

export interface QueryApiOptions
  extends PrometheusRoutesOptions,
    StatusRoutesOptions,
    PanelsApiOptions,
    AlertRoutesOptions {
  readonly healthProbe: HealthProbe;
  readonly metrics: QueryMetrics;
  readonly authorize: (request: FastifyRequest) => Promise<void>;
  /** Requests a minute from one address; 0 for no limit. */
  readonly rateLimit: number;
  /** Origins whose pages may ask, or `*`; undefined for none but our own. */
  readonly corsOrigins?: string | undefined;
  readonly slowQuerySeconds?: number;
}

/** The guarded read API in front of the TSDB. A path that has no route here never reaches the TSDB. */
export async function queryApi(app: HttpServer, given: QueryApiOptions): Promise<void> {
  // Fastify adds the prefix to the options. The plugins below would apply it a second time.
  const { prefix: _, ...options } = given as QueryApiOptions & { prefix?: string };
  takeForms(app);
  answerErrorsAsPrometheus(app);
  observeRequests(app, options);
  // Before the token is checked: a browser sends its preflight without one.
  if (options.corsOrigins !== undefined) await allowOrigins(app, options.corsOrigins);
  if (options.rateLimit > 0) await limitRate(app, options);
  app.addHook('onRequest', options.authorize);
  await app.register(prometheusRoutes, options);
  await app.register(servicesRoute, options);
  await app.register(healthRoute, options);
  await app.register(panelRoutes, options);
  await app.register(
    async (alias) => {
      await alias.register(prometheusRoutes, options);
      await alias.register(statusRoutes, options);
      await alias.register(alertRoutes, options);
    },
    { prefix: '/prom/api/v1' },
  );
  await app.register(async (alias) => livenessRoutes(alias, options), { prefix: '/prom' });
}

/** Counts every request of this scope when its connection is done with it, and logs the slow ones. */
function observeRequests(
  app: HttpServer,
  { metrics, slowQuerySeconds = SLOW_QUERY_SECONDS }: QueryApiOptions,
): void {
  app.addHook('onRoute', ({ config }) => {
    if (config?.endpoint !== undefined) metrics.endpointAdded(config.endpoint);
  });
  app.addHook('onRequest', (request, reply, done) => {
    const { endpoint = UNMATCHED } = request.routeOptions.config;
    const startedAt = performance.now();
    reply.raw.once('close', () => {
      const status = reply.raw.writableFinished ? reply.raw.statusCode : ABORTED_STATUS;
      metrics.requestEnded(endpoint, status);
      const durationSeconds = (performance.now() - startedAt) / 1000;
      if (durationSeconds >= slowQuerySeconds) logSlowQuery(request, { endpoint, status, durationSeconds });
    });
    done();
  });
}

async function allowOrigins(app: HttpServer, origins: string): Promise<void> {
  await app.register(cors, {
    origin: origins === '*' ? '*' : origins.split(','),
    methods: ['GET', 'POST'],
    maxAge: 600,
    strictPreflight: false,
    exposedHeaders: ['retry-after', 'etag'],
  });
}

async function limitRate(app: HttpServer, { rateLimit: max, metrics }: QueryApiOptions): Promise<void> {
  await app.register(rateLimit, {
    global: false,
    max,
    timeWindow: 60_000,
    onExceeded: (request) => metrics.rateLimited(request.routeOptions.config.endpoint ?? UNMATCHED),
    errorResponseBuilder: (_, { ttl }) =>
      new QueryError('too_many_requests', `Expected at most ${max} requests a minute from one address.`, {
        retryAfterSeconds: Math.ceil(ttl / 1000),
      }),
  });
  // A limit of each route would not count requests without token or route: anyone could guess tokens without a limit.
  app.addHook('onRequest', app.rateLimit());
}
