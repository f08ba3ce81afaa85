import cors from '@fastify/cors';
import rateLimit from '@fastify/rate-limit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { VectorSample, VictoriaMetricsClient } from '../../infrastructure/victoria-metrics/client.ts';
import { AsdlcError, QueryError } from '../../shared/errors.ts';
import type { HttpServer } from '../../shared/service/http-server.ts';
import { callerSignal, formOf } from './http-exchange.ts';
import { livenessRoutes } from './liveness-routes.ts';
import { type PanelsApiOptions, panelRoutes } from './panel-routes.ts';
import { readService } from './parameters.ts';
import { type PrometheusApiOptions, queryRoutes, statusRoutes } from './prometheus-routes.ts';
import type { QueryMetrics } from './query-metrics.ts';
import { observeQueries } from './query-observation.ts';
import { ASKING, errors, Health, ServiceParameter, Services } from './schemas.ts';
import { SERVICES_QUERIES, servicesFrom } from './services.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the query API's metrics and its log call the route. */
    endpoint?: string;
  }
}

export interface MetricsApiOptions extends PrometheusApiOptions, PanelsApiOptions {
  readonly metrics: QueryMetrics;
  readonly authorize: (request: FastifyRequest) => Promise<void>;
  /** Requests a minute from one address; 0 for no limit. */
  readonly rateLimit: number;
  /** Origins whose pages may ask, or `*`; undefined for none but our own. */
  readonly corsOrigins?: string | undefined;
  /** Queries that take longer are logged; 0 for none. */
  readonly slowSeconds: number;
}

/** The guarded read API in front of the TSDB: what is not listed here never reaches it. */
export async function metricsApi(app: HttpServer, given: MetricsApiOptions): Promise<void> {
  // Fastify hands the prefix on with the options: the plugins below must not have it a second time.
  const { prefix: _, ...options } = given as MetricsApiOptions & { prefix?: string };
  takeForms(app);
  answerAsPrometheus(app);
  observeQueries(app, options);
  // Before the token is asked for: a browser's preflight has none.
  if (options.corsOrigins !== undefined) {
    const origin = options.corsOrigins === '*' ? '*' : options.corsOrigins.split(',');
    await app.register(cors, {
      origin,
      methods: ['GET', 'POST'],
      maxAge: 600,
      strictPreflight: false,
      exposedHeaders: ['retry-after', 'etag'],
    });
  }
  await limitRate(app, options);
  app.addHook('onRequest', options.authorize);
  await app.register(queryRoutes, options);
  await app.register(ownRoutes, options);
  await app.register(panelRoutes, options);
  await app.register(
    async (alias) => {
      await alias.register(queryRoutes, options);
      await alias.register(statusRoutes, options);
    },
    { prefix: '/prom/api/v1' },
  );
  await app.register(async (alias) => livenessRoutes(alias, options), { prefix: '/prom' });
}

/** Bodies are forms, and every parameter is checked by us, so that its error says what Prometheus's would. */
function takeForms(app: HttpServer): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_, body, done) =>
    done(null, new URLSearchParams(body as string)),
  );
  app.setValidatorCompiler(() => () => true);
}

/** Answers in Prometheus's shape what the router refuses before it has a route, as `/api/metrics/%zz`. */
export function answerRefused(
  error: Error & { statusCode?: number },
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const { statusCode, body } = asQueryError(error);
  request.log.debug({ error }, 'query refused by the router');
  reply.code(statusCode).header('cache-control', 'no-store').send(body);
}

function answerAsPrometheus(app: HttpServer): void {
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const shown = asQueryError(error);
    // That the TSDB is away is said once, when it goes.
    const level = shown.statusCode >= 500 && !(error instanceof AsdlcError) ? 'error' : 'debug';
    request.log[level]({ error, endpoint: request.routeOptions.config.endpoint }, 'query failed');
    if (shown.retryAfterSeconds !== undefined) reply.header('retry-after', String(shown.retryAfterSeconds));
    reply.header('cache-control', 'no-store').header('content-type', 'application/json; charset=utf-8');
    return reply.code(shown.statusCode).send(JSON.stringify(shown.body));
  });
  app.setNotFoundHandler(() => {
    throw new QueryError('not_found', 'No such route of the query API.');
  });
}

async function limitRate(app: HttpServer, { rateLimit: max, metrics }: MetricsApiOptions): Promise<void> {
  if (max === 0) return;
  await app.register(rateLimit, {
    global: false,
    max,
    timeWindow: 60_000,
    onExceeded: (request) => metrics.rateLimited(request.routeOptions.config.endpoint ?? 'unmatched'),
    errorResponseBuilder: (_, { ttl }) =>
      new QueryError('too_many_requests', `Expected at most ${max} requests a minute from one address.`, {
        retryAfterSeconds: Math.ceil(ttl / 1000),
      }),
  });
  // Not by route, which would count only what was authorized and found: a token could be guessed without a limit.
  app.addHook('onRequest', app.rateLimit());
}

async function ownRoutes(app: HttpServer, { tsdb }: MetricsApiOptions): Promise<void> {
  app.get(
    '/services',
    {
      config: { endpoint: 'services' },
      schema: {
        tags: ['metrics'],
        summary: 'The services seen in the last hour, with version, instances and whether they are up',
        querystring: { type: 'object', properties: { service: ServiceParameter } },
        response: { 200: Services, ...errors(...ASKING) },
      },
    },
    async (request, reply) => {
      const wanted = readService(formOf(request));
      reply.header('cache-control', 'no-store');
      const services = await askServices(tsdb, reply);
      const data = wanted === undefined ? services : services.filter(({ name }) => name === wanted);
      return { status: 'success' as const, data };
    },
  );
  app.get(
    '/health',
    {
      config: { endpoint: 'health' },
      schema: {
        tags: ['metrics'],
        summary: 'Whether the TSDB can be reached (degraded) and answers a query (healthy)',
        response: { 200: Health, ...errors(), 503: Health },
      },
    },
    async (_, reply) => {
      const health = await tsdb.health();
      return reply
        .header('cache-control', 'no-store')
        .code(health.status === 'healthy' ? 200 : 503)
        .send(health);
    },
  );
}

async function askServices(tsdb: VictoriaMetricsClient, reply: FastifyReply) {
  const signal = callerSignal(reply);
  const answers = await Promise.all(
    SERVICES_QUERIES.map((query) => tsdb.instant('services', query, { signal })),
  );
  const [infos, ups] = answers as [readonly VectorSample[], readonly VectorSample[]]; // one for each query
  return servicesFrom(infos, ups);
}

function asQueryError(error: Error & { statusCode?: number }) {
  const known = error instanceof AsdlcError;
  const statusCode = error.statusCode ?? 500;
  const isShown = known || statusCode < 500;
  const message =
    statusCode === 415 ? 'content-type: expected application/x-www-form-urlencoded' : error.message;
  return {
    statusCode: isShown ? statusCode : 500,
    retryAfterSeconds: known ? error.retryAfterSeconds : undefined,
    body: {
      status: 'error' as const,
      errorType: errorTypeOf(error, statusCode),
      error: isShown ? message : 'The request failed; the log says why.',
    },
  };
}

function errorTypeOf(error: Error, statusCode: number): string {
  if (error instanceof QueryError) return error.errorType;
  if (statusCode === 401) return 'unauthorized';
  return statusCode < 500 ? 'bad_data' : 'internal';
}
