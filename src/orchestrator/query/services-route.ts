import type { FastifyReply } from 'fastify';
import type { VictoriaMetricsClient } from '../../infrastructure/victoria-metrics/client.ts';
import type { VectorSample } from '../../infrastructure/victoria-metrics/query-result.ts';
import { ServiceList } from '../../shared/http-contract/services.ts';
import type { HttpServer } from '../../shared/service/http-server.ts';
import { ServiceParameter } from './parameter-schemas.ts';
import { readService } from './parameter-values.ts';
import { restrict } from './parameters.ts';
import { callerSignal, formOf } from './query-request.ts';
import { ASKING, errors } from './response-schemas.ts';
import { SERVICES_QUERIES, servicesFrom } from './services.ts';

/** `/services`: which services the TSDB has seen. */
export async function servicesRoute(
  app: HttpServer,
  { tsdb }: { readonly tsdb: VictoriaMetricsClient },
): Promise<void> {
  app.get(
    '/services',
    {
      config: { endpoint: 'services' },
      schema: {
        tags: ['metrics'],
        summary: 'List the services of the last hour, with version, instances and whether they are up',
        querystring: { type: 'object', properties: { service: ServiceParameter } },
        response: { 200: ServiceList, ...errors(...ASKING) },
      },
    },
    async (request, reply) => {
      const wanted = readService(formOf(request));
      reply.header('cache-control', 'no-store');
      const services = await askServices(tsdb, reply, request.caller?.labels);
      const data = wanted === undefined ? services : services.filter(({ name }) => name === wanted);
      return { status: 'success' as const, data };
    },
  );
}

/** What is up is asked of all: `up` has no labels of a service, and only the services that were found are shown. */
async function askServices(
  tsdb: VictoriaMetricsClient,
  reply: FastifyReply,
  labels: Readonly<Record<string, string>> = {},
) {
  const signal = callerSignal(reply);
  const answers = await Promise.all(
    [restrict(SERVICES_QUERIES[0], 'promql', Object.entries(labels)), SERVICES_QUERIES[1]].map((query) =>
      tsdb.instant('services', query, { signal }),
    ),
  );
  const [infos, ups] = answers as [readonly VectorSample[], readonly VectorSample[]]; // one for each query
  return servicesFrom(infos, ups);
}
