import type { OutgoingHttpHeaders } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { acceptsGzip } from '../../infrastructure/metrics/http/compression.ts';
import type { QueryOptions, VictoriaMetricsClient } from '../../infrastructure/victoria-metrics/client.ts';
import type { DialectProbe } from '../../infrastructure/victoria-metrics/dialect-probe.ts';
import type { TsdbQuery } from '../../infrastructure/victoria-metrics/query-runner.ts';
import { QueryError } from '../../shared/errors.ts';
import type { HttpServer } from '../../shared/service/http-server.ts';
import { QUERY_ENDPOINTS, type QueryEndpoint } from './endpoints.ts';
import { parametersOf } from './parameter-schemas.ts';
import { type Dialect, type Restrictions, restrict } from './parameters.ts';
import { callerSignal, formOf } from './query-request.ts';
import type { RepeatedRequests } from './repeated-requests.ts';
import { ASKING, errors } from './response-schemas.ts';
import { sendResult, setResultHeaders } from './send-result.ts';

export interface PrometheusRoutesOptions {
  readonly tsdb: VictoriaMetricsClient;
  readonly dialect: Dialect;
  readonly dialectProbe: DialectProbe;
  /** Undefined: every request is routed. */
  readonly repeated?: RepeatedRequests | undefined;
  readonly isStopping: () => boolean;
}

/** The part of Prometheus's read API that the TSDB answers. */
export async function prometheusRoutes(app: HttpServer, options: PrometheusRoutesOptions): Promise<void> {
  for (const endpoint of QUERY_ENDPOINTS) {
    for (const method of endpoint.methods) {
      app.route({
        method,
        url: endpoint.url,
        config: { endpoint: endpoint.name, readOnly: true },
        schema: schemaOf(method, endpoint),
        handler: (request, reply) => answerQuery(request, reply, endpoint, options),
      });
    }
  }
}

function schemaOf(method: 'GET' | 'POST', { url, summary, parameters, answer }: QueryEndpoint) {
  const isNamed = url.includes(':name');
  return {
    tags: ['metrics'],
    summary: method === 'POST' ? `${summary}, with the parameters in a form` : summary,
    ...parametersOf(method, parameters),
    ...(isNamed && {
      params: Type.Object({ name: Type.String({ examples: ['service'] }) }),
    }),
    response: {
      200: answer,
      ...errors(...ASKING, ...(method === 'POST' ? [413, 415] : []), ...(isNamed ? [414] : [])),
    },
  };
}

async function answerQuery(
  request: FastifyRequest,
  reply: FastifyReply,
  endpoint: QueryEndpoint,
  { tsdb, dialect, dialectProbe, repeated, isStopping }: PrometheusRoutesOptions,
): Promise<unknown> {
  const { name: label = '' } = request.params as { name?: string }; // only the route of label values has one
  const path = endpoint.upstreamPath(label);
  const checked = endpoint.read(formOf(request), dialect, request.caller?.labels);
  const { parameters, timeoutMs, restrictions, settlesAt } = checked;
  const options = { signal: callerSignal(reply), ...(timeoutMs !== undefined && { timeoutMs }) };
  if (restrictions.length > 0 && dialect === 'metricsql') await requireFilter(dialectProbe, options);
  const query: TsdbQuery = {
    endpoint: endpoint.name,
    path,
    parameters,
    method: endpoint.methods.includes('POST') ? 'POST' : 'GET',
    gzip: acceptsGzip(request.headers['accept-encoding']),
    ...(settlesAt !== undefined && { settlesAt }),
  };
  if (endpoint.name === 'metadata' && restrictions.length > 0) {
    reply.header('cache-control', 'no-store');
    return { status: 'success', data: await metadataOf(tsdb, query, restrictions, options) };
  }
  setResultHeaders(reply);
  if (timeoutMs === undefined) repeated?.remember(request, reply, query);
  const result = await tsdb.ask(query, options);
  if (isStopping()) reply.header('connection', 'close'); // no hook of Fastify's sees what follows
  reply.hijack();
  sendResult(reply.raw, reply.getHeaders() as OutgoingHttpHeaders, result);
  return reply;
}

/** Only VictoriaMetrics can restrict a MetricsQL query: the orchestrator does not parse it. */
async function requireFilter(dialectProbe: DialectProbe, options: QueryOptions): Promise<void> {
  if (await dialectProbe.knowsMetricsql(options)) return;
  throw new QueryError(
    'bad_data',
    'service: expected VictoriaMetrics as the TSDB, or QUERY_DIALECT=promql; this TSDB cannot restrict MetricsQL queries to a service',
  );
}

/** Returns the metadata of the metrics that the restricted series have. Metadata itself has no labels. */
async function metadataOf(
  tsdb: VictoriaMetricsClient,
  query: TsdbQuery,
  restrictions: Restrictions,
  options: QueryOptions,
): Promise<unknown> {
  const parameters = new URLSearchParams({ 'match[]': restrict('{}', 'promql', restrictions) });
  const names = { endpoint: query.endpoint, path: '/api/v1/label/__name__/values', parameters };
  const [metadata, used] = await Promise.all([
    tsdb.metadata(query, options),
    tsdb.names({ ...names, method: 'GET' }, options),
  ]);
  const families = new Set(
    used.flatMap((name) => [name, name.replace(/_(total|bucket|sum|count|created|info)$/, '')]),
  );
  return Object.fromEntries(Object.entries(metadata).filter(([name]) => families.has(name)));
}
