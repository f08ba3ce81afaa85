import type { IncomingMessage, Server } from 'node:http';
import { HttpMetrics, type HttpMetricsOptions } from './http-metrics.ts';

export interface NodeHttpMetricsOptions extends HttpMetricsOptions {
  /**
   * The pattern of a request's route, from a fixed set (`/users/:id`), never its path. The request is not counted
   * when this returns undefined.
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
