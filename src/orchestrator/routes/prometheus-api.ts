import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { TsdbQuery, VictoriaMetricsClient } from '../../infrastructure/victoria-metrics/client.ts';
import { checkPromql, normalizeQuery } from '../../infrastructure/victoria-metrics/promql.ts';
import { QueryError } from '../../shared/errors.ts';
import type { HttpServer } from '../../shared/http-server.ts';
import { QUERY_ENDPOINTS, type QueryEndpoint } from '../query-endpoints.ts';
import { type CheckedParameters, type Dialect, readSelectors, required } from '../query-parameters.ts';
import { callerSignal, formOf, sendAnswer, takesGzip } from './query-exchange.ts';
import { errors, FormatParameters, passedOn } from './query-schemas.ts';

export interface PrometheusApiOptions {
  readonly tsdb: VictoriaMetricsClient;
  readonly dialect: Dialect;
  /** How long a browser may keep an answer that may be kept. */
  readonly cacheSeconds: number;
  /** What flags are shown under status/flags. */
  readonly flags: Readonly<Record<string, string>>;
}

/** The API that this is compatible with: Prometheus's as of the version that VictoriaMetrics names too. */
const COMPATIBLE_VERSION = '2.24.0';

/** Prometheus's read API, as far as it asks the TSDB. */
export async function queryRoutes(app: HttpServer, options: PrometheusApiOptions): Promise<void> {
  for (const endpoint of QUERY_ENDPOINTS) {
    for (const method of endpoint.methods) {
      const { name, url, summary, parameters, answer } = endpoint;
      app.route({
        method,
        url,
        config: { endpoint: name },
        schema: {
          tags: ['metrics'],
          summary: method === 'POST' ? `${summary}; the parameters in a form body` : summary,
          ...(method === 'POST'
            ? { body: parameters, consumes: ['application/x-www-form-urlencoded'] }
            : { querystring: parameters }),
          ...(url.includes(':name') && {
            params: Type.Object({ name: Type.String({ examples: ['service'] }) }),
          }),
          response: { 200: answer, ...errors() },
        },
        handler: (request, reply) => answerQuery(request, reply, endpoint, options),
      });
    }
  }
}

/** What Prometheus's clients ask beside queries, answered here. */
export async function statusRoutes(app: HttpServer, { flags }: PrometheusApiOptions): Promise<void> {
  const status = (url: string, endpoint: string, data: unknown) =>
    app.get(
      url,
      { config: { endpoint }, schema: { tags: ['metrics'], response: { 200: passedOn('', data) } } },
      async () => ({ status: 'success', data }),
    );
  const build = { revision: '', branch: '', buildUser: '', buildDate: '', goVersion: '' };
  status('/status/buildinfo', 'buildinfo', { version: COMPATIBLE_VERSION, ...build });
  status('/status/flags', 'flags', flags);
  for (const method of ['GET', 'POST'] as const) {
    app.route({
      method,
      url: '/format_query',
      config: { endpoint: 'format_query' },
      schema: {
        tags: ['metrics'],
        summary: 'A PromQL expression on one line, without comments; an error where it cannot be parsed',
        ...(method === 'POST' ? { body: FormatParameters } : { querystring: FormatParameters }),
        response: { 200: passedOn('the expression', 'sum(rate(up[5m]))'), ...errors(400, 401, 429) },
      },
      handler: async (request) => {
        const query = required(formOf(request), 'query');
        checkPromql(query);
        return { status: 'success', data: normalizeQuery(query) };
      },
    });
  }
}

async function answerQuery(
  request: FastifyRequest,
  reply: FastifyReply,
  endpoint: QueryEndpoint,
  { tsdb, dialect, cacheSeconds }: PrometheusApiOptions,
): Promise<unknown> {
  const { name: label = '' } = request.params as { name?: string }; // only the route of label values has one
  const path = endpoint.upstreamPath(label);
  const checked = endpoint.read(formOf(request), dialect);
  const { parameters, timeoutMs, service, settlesAt } = checked;
  const options = { signal: callerSignal(reply), ...(timeoutMs !== undefined && { timeoutMs }) };
  if (service !== undefined && dialect === 'metricsql') await requireFilter(tsdb, options);
  const query: TsdbQuery = {
    endpoint: endpoint.name,
    path,
    parameters,
    method: endpoint.methods.includes('POST') ? 'POST' : 'GET',
    gzip: takesGzip(request),
    ...(settlesAt !== undefined && { settlesAt }),
  };
  if (endpoint.name === 'metadata' && service !== undefined) {
    return { status: 'success', data: await metadataOf(tsdb, query, checked, options) };
  }
  const keep = tsdb.isSettled(query);
  reply.header('cache-control', keep ? `private, max-age=${Math.floor(cacheSeconds)}` : 'no-store');
  return sendAnswer(reply, await tsdb.ask(query, options));
}

/** A query that is not parsed here can be restricted by VictoriaMetrics alone. */
async function requireFilter(tsdb: VictoriaMetricsClient, options: { signal: AbortSignal }): Promise<void> {
  if (await tsdb.knowsMetricsql(options)) return;
  throw new QueryError(
    'bad_data',
    'service: expected VictoriaMetrics as the TSDB, or QUERY_DIALECT=promql; this TSDB cannot restrict a query that is not parsed here',
  );
}

/** Metadata has no labels: it is cut down to the metrics that the service has. */
async function metadataOf(
  tsdb: VictoriaMetricsClient,
  query: TsdbQuery,
  { service = '' }: CheckedParameters,
  options: { signal: AbortSignal },
): Promise<unknown> {
  const { parameters } = readSelectors(new URLSearchParams({ service }), 'promql');
  const names = { endpoint: query.endpoint, path: '/api/v1/label/__name__/values', parameters };
  const [metadata, used] = await Promise.all([
    tsdb.data(query, options),
    tsdb.data({ ...names, method: 'GET' }, options),
  ]);
  const families = new Set(
    (used as string[]).flatMap((name) => [name, name.replace(/_(total|bucket|sum|count|created|info)$/, '')]),
  );
  return Object.fromEntries(Object.entries(metadata as object).filter(([name]) => families.has(name)));
}
