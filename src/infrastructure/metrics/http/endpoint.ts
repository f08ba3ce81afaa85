import type { ServerResponse } from 'node:http';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { ScrapeHandler, type ScrapeOptions } from './scrape-handler.ts';

export interface MetricsEndpointOptions extends ScrapeOptions {
  /** Default: `/metrics`. */
  readonly path?: string | undefined;
  /** Throws when the request may not see the metrics. */
  readonly authorize?: ((request: FastifyRequest) => Promise<void>) | undefined;
}

const SCHEMA = {
  operationId: 'getMetrics',
  tags: ['metrics'],
  summary: 'Metrics, in the Prometheus text format or OpenMetrics by Accept',
  querystring: {
    type: 'object',
    properties: {
      'name[]': { type: 'array', items: { type: 'string' }, description: 'only these metrics' },
    },
  },
  produces: ['text/plain', 'application/openmetrics-text'],
  response: { 200: { type: 'string', description: 'the exposition' } },
};

const endpoint: FastifyPluginAsync<MetricsEndpointOptions & { readonly prefix?: string }> = async (
  app,
  { authorize = async () => undefined, path = '/metrics', prefix = '', ...options },
) => {
  const handler = new ScrapeHandler(options);
  const follow = async (_: FastifyRequest, reply: { raw: ServerResponse }) => handler.follow(reply.raw);
  app.get(
    prefix + path,
    {
      // The schema is for documentation. The application's own compilers may expect other schemas, and its settings
      // would refuse a single name: so nothing is checked by them.
      schema: SCHEMA,
      validatorCompiler: () => () => true,
      serializerCompiler: () => String,
      exposeHeadRoute: true,
      config: { metrics: false },
      onRequest: [follow, authorize],
    },
    async (request, reply) => {
      const { headers, body } = await handler.scrape(request.headers, request.raw.url);
      return reply.headers(headers).send(body);
    },
  );
};

/** `GET /metrics` and HEAD for Fastify. With `prefix` the path begins with it. */
export const metricsEndpoint = fastifyPlugin(endpoint, { name: 'metrics-endpoint', fastify: '5.x' });
