import type { FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { MetricsRegistry } from './registry.ts';

export interface MetricsEndpointOptions {
  readonly registry: MetricsRegistry;
  /** Throws when the request may not see the metrics. */
  readonly authorize?: (request: FastifyRequest) => Promise<void>;
}

/** `GET /metrics`: the registry's metrics in Prometheus's text format. */
export const metricsEndpoint = fastifyPlugin<MetricsEndpointOptions>(
  async (app, { registry, authorize = async () => undefined }) => {
    const schema = {
      tags: ['metrics'],
      summary: 'Metrics in the Prometheus text format',
      produces: ['text/plain'],
      response: { 200: { type: 'string', description: 'The exposition' } },
    };
    app.get('/metrics', { schema, onRequest: authorize }, async (request, reply) => {
      const { contentType, body } = await registry.render(request.headers.accept);
      return reply.header('content-type', contentType).header('cache-control', 'no-store').send(body);
    });
  },
  { name: 'metrics-endpoint', fastify: '5.x' },
);
