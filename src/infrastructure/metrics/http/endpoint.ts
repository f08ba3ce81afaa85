import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { Scraping, type ScrapingOptions } from './scraping.ts';

export interface MetricsEndpointOptions extends ScrapingOptions {
  /** Throws when the request may not see the metrics. */
  readonly authorize?: (request: FastifyRequest) => Promise<void>;
}

/** The parameter by which a scraper may ask for some metrics alone, as client_golang has it. */
const NAMES = 'name[]';

/** `GET /metrics` and HEAD for Fastify. */
export const metricsEndpoint = fastifyPlugin<MetricsEndpointOptions>(
  async (app, { authorize = async () => undefined, ...options }) => {
    const scraping = new Scraping(options);
    const schema = {
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
    const follow = async (_: FastifyRequest, reply: { raw: ServerResponse }) => scraping.follow(reply.raw);
    app.get<{ Querystring: { [NAMES]?: string[] } }>(
      '/metrics',
      { schema, onRequest: [follow, authorize] },
      async (request, reply) => {
        const { headers, body } = await scraping.answer(request.headers, request.query[NAMES]);
        return reply.headers(headers).send(body);
      },
    );
  },
  { name: 'metrics-endpoint', fastify: '5.x' },
);

/** A request listener that answers GET and HEAD with the metrics, for `node:http` and what is built on it. */
export function metricsHandler(
  options: ScrapingOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  const scraping = new Scraping(options);
  return (request, response) => {
    scraping.follow(response);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
      return;
    }
    answer(scraping, request.headers, request.url ?? '').then(
      ({ headers, body }) =>
        response
          .writeHead(200, { ...headers, 'content-length': body.length })
          .end(request.method === 'HEAD' ? undefined : body),
      () => response.writeHead(500).end(),
    );
  };
}

function answer(scraping: Scraping, headers: IncomingHttpHeaders, url: string) {
  const names = new URL(url, 'http://localhost').searchParams.getAll(NAMES);
  return scraping.answer(headers, names.length === 0 ? undefined : names);
}
