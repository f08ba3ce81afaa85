import type { FastifyReply, FastifyRequest } from 'fastify';
import { type TSchema, Type } from 'typebox';
import { acceptsGzip } from '../../infrastructure/metrics/http/compression.ts';
import type { TsdbQuery, VictoriaMetricsClient } from '../../infrastructure/victoria-metrics/client.ts';
import { QueryError } from '../../shared/errors.ts';
import type { HttpServer } from '../../shared/service/http-server.ts';
import { QUERY_ENDPOINTS, type QueryEndpoint } from './endpoints.ts';
import { callerSignal, formOf, sendAnswer } from './http-exchange.ts';
import { type CheckedParameters, type Dialect, readSelectors, required } from './parameters.ts';
import { checkPromql, normalizeQuery } from './promql.ts';
import { ASKING, errors, FormatParameters, passedOn } from './schemas.ts';

export interface PrometheusApiOptions {
  readonly tsdb: VictoriaMetricsClient;
  readonly dialect: Dialect;
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
      const isNamed = url.includes(':name');
      app.route({
        method,
        url,
        config: { endpoint: name },
        schema: {
          tags: ['metrics'],
          summary: method === 'POST' ? `${summary}; the parameters in a form body` : summary,
          ...parametersOf(method, parameters),
          ...(isNamed && {
            params: Type.Object({ name: Type.String({ examples: ['service'] }) }),
          }),
          response: {
            200: answer,
            ...errors(...ASKING, ...(method === 'POST' ? [413, 415] : []), ...(isNamed ? [414] : [])),
          },
        },
        handler: (request, reply) => answerQuery(request, reply, endpoint, options),
      });
    }
  }
}

function parametersOf(method: 'GET' | 'POST', parameters: TSchema) {
  return method === 'POST'
    ? { body: parameters, consumes: ['application/x-www-form-urlencoded'] }
    : { querystring: parameters };
}

/** What Prometheus's clients ask beside queries, answered here. */
export async function statusRoutes(app: HttpServer, { flags }: PrometheusApiOptions): Promise<void> {
  const status = (url: string, endpoint: string, summary: string, data: unknown) =>
    app.get(
      url,
      {
        config: { endpoint },
        schema: { tags: ['metrics'], summary, response: { 200: passedOn(summary, data), ...errors() } },
      },
      async () => ({ status: 'success', data }),
    );
  const build = { revision: '', branch: '', buildUser: '', buildDate: '', goVersion: '' };
  status('/status/buildinfo', 'buildinfo', "The version of Prometheus's API that this is like", {
    version: COMPATIBLE_VERSION,
    ...build,
  });
  status('/status/flags', 'flags', "Settings, in the form of Prometheus's flags", flags);
  status('/rules', 'rules', 'The rules that are evaluated here: none', { groups: [] });
  status('/alerts', 'alerts', 'The alerts that fire here: none', { alerts: [] });
  for (const method of ['GET', 'POST'] as const) {
    app.route({
      method,
      url: '/format_query',
      config: { endpoint: 'format_query' },
      schema: {
        tags: ['metrics'],
        summary: 'A PromQL expression on one line, without comments; an error where it cannot be parsed',
        ...parametersOf(method, FormatParameters),
        response: {
          200: passedOn('the expression', 'sum(rate(up[5m]))'),
          ...errors(400, ...(method === 'POST' ? [413, 415] : [])),
        },
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
  { tsdb, dialect }: PrometheusApiOptions,
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
    gzip: acceptsGzip(request.headers['accept-encoding']),
    ...(settlesAt !== undefined && { settlesAt }),
  };
  if (endpoint.name === 'metadata' && service !== undefined) {
    reply.header('cache-control', 'no-store');
    return { status: 'success', data: await metadataOf(tsdb, query, checked, options) };
  }
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
  return Object.fromEntries(Object.entries(metadata).filter(([name]) => families.has(name)));
}
