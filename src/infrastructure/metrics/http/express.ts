import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ExpressRequest, expressRoute, noteRoutes } from './express-route.ts';
import type { HttpMetricsOptions } from './http-definitions.ts';
import { HttpMetrics, UNMATCHED } from './http-metrics.ts';

export type { FurtherLabel, HttpMetricDefinitions, HttpMetricsOptions } from './http-definitions.ts';
export { metricsHandler } from './node-http.ts';
export type { ScrapeMetricDefinitions, ScrapeOptions } from './scrape-handler.ts';

export interface ExpressMetricsOptions extends HttpMetricsOptions {
  /** Paths that are not counted. Default: `/metrics`. */
  readonly excludedPaths?: readonly string[] | undefined;
}

type Middleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * Counts and times the requests of Express 4 or 5 by the pattern of their route, with the routers above it. Use it
 * before everything that may answer: `app.use(expressMetrics())`.
 */
export function expressMetrics({
  excludedPaths = ['/metrics'],
  ...options
}: ExpressMetricsOptions = {}): Middleware {
  const metrics = new HttpMetrics(options);
  const excluded = new Set(excludedPaths);
  const endpointOf = (request: ExpressRequest) => expressRoute(request) ?? UNMATCHED;
  return (request: ExpressRequest, response, next) => {
    metrics.guard(() => noteRoutes(request), undefined);
    const [path = ''] = (request.originalUrl ?? request.url ?? '').split('?', 1);
    if (!excluded.has(path)) metrics.followUntilEnd(response, request.method, endpointOf);
    next();
  };
}
