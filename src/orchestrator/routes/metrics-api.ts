import type { FastifyReply } from 'fastify';
import { type Static, Type } from 'typebox';
import type {
  TsdbHealth,
  VectorSample,
  VictoriaMetricsClient,
} from '../../infrastructure/victoria-metrics/client.ts';
import { checkPromql, checkQuerySize } from '../../infrastructure/victoria-metrics/promql.ts';
import { checkRange, parseDuration, parseTime } from '../../infrastructure/victoria-metrics/time-params.ts';
import { AsdlcError, QueryError } from '../../shared/errors.ts';
import type { HttpServer } from '../../shared/http-server.ts';
import { SERVICES_QUERIES, servicesFrom } from '../services.ts';

const QueryErrorBody = Type.Object(
  { status: Type.Literal('error'), errorType: Type.String(), error: Type.String() },
  { $id: 'QueryError', title: 'QueryError', description: "An error in Prometheus's shape" },
);
const errors = (...statuses: number[]) =>
  Object.fromEntries(statuses.map((status) => [status, QueryErrorBody]));

const RangeParameters = Type.Object({
  query: Type.String({
    description: 'a PromQL expression',
    examples: ['sum by (service) (rate(asdlc_http_requests_total[1m]))'],
  }),
  start: Type.String({ description: 'Unix seconds or RFC 3339', examples: ['1767225600'] }),
  end: Type.String({ description: 'Unix seconds or RFC 3339, not before start', examples: ['1767229200'] }),
  step: Type.String({ description: 'seconds or a duration such as 15s', examples: ['15s'] }),
  timeout: Type.Optional(Type.String({ description: 'a shorter time limit than the configured one, as 5s' })),
  service: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 256,
      description: 'only series of this service: a name of 1 to 256 characters',
    }),
  ),
});

const Services = Type.Object({
  status: Type.Literal('success'),
  data: Type.Array(
    Type.Object({
      name: Type.String(),
      up: Type.Boolean({ description: 'whether any instance was scraped at the last try' }),
      instances: Type.Array(
        Type.Object({
          instance: Type.String(),
          job: Type.String(),
          version: Type.String(),
          up: Type.Boolean(),
        }),
      ),
    }),
  ),
});

const Check = Type.Object({
  ok: Type.Boolean(),
  latency_ms: Type.Number(),
  error: Type.Optional(Type.String()),
});
const Health = Type.Object({
  status: Type.Enum(['healthy', 'degraded', 'unhealthy']),
  checks: Type.Object({ reachable: Check, query: Check }),
});

export interface MetricsApiOptions {
  readonly tsdb: VictoriaMetricsClient;
  /** metricsql leaves the parsing of queries to VictoriaMetrics. */
  readonly dialect: 'promql' | 'metricsql';
}

/** The guarded read API in front of the TSDB: what is not listed here never reaches it. */
export async function metricsApi(app: HttpServer, { tsdb, dialect }: MetricsApiOptions): Promise<void> {
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const shown = asQueryError(error);
    if (shown.statusCode >= 500)
      request.log.warn({ error, endpoint: request.routeOptions.url }, 'query failed');
    if (shown.retryAfterSeconds !== undefined) reply.header('retry-after', String(shown.retryAfterSeconds));
    return reply.code(shown.statusCode).send(shown.body);
  });
  app.setNotFoundHandler(() => {
    throw new QueryError('not_found', 'No such route of the query API.');
  });

  app.get(
    '/query_range',
    {
      schema: {
        tags: ['metrics'],
        summary: "A range query, as Prometheus's /api/v1/query_range",
        querystring: RangeParameters,
        response: {
          200: Type.Unknown({
            description: "Prometheus's answer: status, and data with resultType and result",
          }),
          ...errors(400, 401, 422, 503),
        },
      },
    },
    async (request, reply) => {
      const { parameters, timeoutMs } = rangeQuery(request.query, dialect);
      const signal = callerSignal(reply);
      const body = await tsdb.stream('/api/v1/query_range', parameters, { signal, ...timeoutMs });
      return reply.header('content-type', 'application/json; charset=utf-8').send(body);
    },
  );

  app.get(
    '/services',
    {
      schema: {
        tags: ['metrics'],
        summary: 'The services seen in the last hour, with version, instances and whether they are up',
        response: { 200: Services, ...errors(401, 422, 503) },
      },
    },
    async (_, reply) => {
      const signal = callerSignal(reply);
      const [infos, ups] = await Promise.all(
        SERVICES_QUERIES.map((query) => tsdb.instant(query, { signal })),
      );
      return {
        status: 'success' as const,
        data: servicesFrom(infos as VectorSample[], ups as VectorSample[]),
      };
    },
  );

  app.get(
    '/health',
    {
      schema: {
        tags: ['metrics'],
        summary: 'Whether the TSDB can be reached (degraded) and answers a query (healthy)',
        response: { 200: Health, 503: Health, ...errors(401) },
      },
    },
    async (_, reply) => {
      const health: TsdbHealth = await tsdb.health();
      return reply.code(health.status === 'healthy' ? 200 : 503).send(health);
    },
  );
}

/** The upstream's parameters from a client's, each checked; only these are passed on. */
function rangeQuery(input: Static<typeof RangeParameters>, dialect: MetricsApiOptions['dialect']) {
  if (dialect === 'promql') checkPromql(input.query);
  else checkQuerySize(input.query);
  const start = parseTime('start', input.start);
  const end = parseTime('end', input.end);
  const step = parseDuration('step', input.step);
  checkRange(start, end, step);
  const parameters = new URLSearchParams({
    query: input.query,
    start: String(start),
    end: String(end),
    step: String(step),
  });
  if (input.service !== undefined) parameters.set('extra_label', `service=${input.service}`);
  const timeoutMs =
    input.timeout === undefined ? {} : { timeoutMs: parseDuration('timeout', input.timeout) * 1000 };
  return { parameters, timeoutMs };
}

/** Aborts when the client closes its connection before it has its answer. */
function callerSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => controller.abort());
  return controller.signal;
}

function asQueryError(error: Error & { statusCode?: number }) {
  const known = error instanceof AsdlcError;
  const statusCode = error.statusCode ?? 500;
  const errorType =
    error instanceof QueryError
      ? error.errorType
      : statusCode === 401
        ? 'unauthorized'
        : statusCode < 500
          ? 'bad_data'
          : 'internal';
  return {
    statusCode: known || statusCode < 500 ? statusCode : 500,
    retryAfterSeconds: known ? error.retryAfterSeconds : undefined,
    body: {
      status: 'error' as const,
      errorType,
      error: known || statusCode < 500 ? error.message : 'The request failed; the log says why.',
    },
  };
}
