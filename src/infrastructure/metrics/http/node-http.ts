import type { IncomingMessage, Server } from 'node:http';
import { HttpMetrics, type HttpMetricsOptions } from './http-metrics.ts';

export interface NodeHttpMetricsOptions extends HttpMetricsOptions {
  /**
   * The pattern of the route that a request is for, from a fixed set (`/users/:id`), never its path; undefined
   * when the request is not to be counted.
   */
  readonly endpointOf: (request: IncomingMessage) => string | undefined;
}

/** Counts and times the requests of a plain `node:http` server, as the Fastify plugin does. */
export function instrumentHttpServer(
  server: Server,
  { endpointOf, ...options }: NodeHttpMetricsOptions,
): void {
  const metrics = new HttpMetrics(options);
  server.prependListener('request', (request, response) => {
    const endpoint = endpointOf(request);
    if (endpoint !== undefined) metrics.follow(response, endpoint, request.method ?? 'other');
  });
}
