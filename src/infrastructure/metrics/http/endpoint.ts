import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { ScrapeHandler, type ScrapeOptions } from './scrape-handler.ts';

export interface MetricsEndpointOptions extends ScrapeOptions {
  /** Throws when the request may not see the metrics. */
  readonly authorize?: (request: FastifyRequest) => Promise<void>;
}

/** The parameter by which a scraper asks for some metrics only. client_golang has the same. */
const NAMES = 'name[]';

/** `GET /metrics` and HEAD for Fastify. */
export const metricsEndpoint = fastifyPlugin<MetricsEndpointOptions>(
  async (app, { authorize = async () => undefined, ...options }) => {
    const handler = new ScrapeHandler(options);
    const schema = {
      operationId: 'getMetrics',
      tags: ['metrics'],
      summary: 'Metrics, in the Prometheus text format or OpenMetrics by Accept',
      querystring: {
        type: 'object',
        properties: {
          [NAMES]: { type: 'array', items: { type: 'string' }, description: 'only these metrics' },
        },
      },
      produces: ['text/plain', 'application/openmetrics-text'],
      response: { 200: { type: 'string', description: 'the exposition' } },
    };
    const follow = async (_: FastifyRequest, reply: { raw: ServerResponse }) => handler.follow(reply.raw);
    app.get<{ Querystring: { [NAMES]?: string[] } }>(
      '/metrics',
      { schema, onRequest: [follow, authorize] },
      async (request, reply) => {
        const { headers, body } = await handler.scrape(request.headers, request.query[NAMES]);
        return reply.headers(headers).send(body);
      },
    );
  },
  { name: 'metrics-endpoint', fastify: '5.x' },
);

/** A listener that serves the metrics on GET and HEAD, for `node:http` and what is built on it. */
export function metricsHandler(
  options: ScrapeOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  const handler = new ScrapeHandler(options);
  return (request, response) => {
    handler.follow(response);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
      return;
    }
    scrape(handler, request).then(
      ({ headers, body }) =>
        response
          .writeHead(200, { ...headers, 'content-length': body.length })
          .end(request.method === 'HEAD' ? undefined : body),
      () => response.writeHead(500).end(),
    );
  };
}

function scrape(handler: ScrapeHandler, { headers, url = '' }: IncomingMessage) {
  const names = new URL(url, 'http://localhost').searchParams.getAll(NAMES);
  return handler.scrape(headers, names.length === 0 ? undefined : names);
}
