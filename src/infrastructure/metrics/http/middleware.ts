import fastifyPlugin from 'fastify-plugin';
import type { HttpMetricsOptions } from './http-definitions.ts';
import { HttpMetrics, UNMATCHED } from './http-metrics.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** With `false` the middleware does not count this route's requests. */
    metrics?: boolean;
  }
}

export interface PrometheusMiddlewareOptions extends HttpMetricsOptions {
  /** Patterns of routes that the middleware does not count. Default: `/metrics`. */
  readonly excludedRoutes?: readonly string[] | undefined;
}

/**
 * Counts and times every request by its route's pattern, never by its path. HEAD of a GET route has that route's
 * pattern. Register it before any plugin whose hooks may answer a request.
 */
export const prometheusMiddleware = fastifyPlugin<PrometheusMiddlewareOptions>(
  async (app, { excludedRoutes = ['/metrics'], ...options }) => {
    const metrics = new HttpMetrics(options);
    const excluded = new Set(excludedRoutes);
    app.addHook('onRequest', (request, reply, done) => {
      const { url = UNMATCHED, config } = request.routeOptions;
      if (config.metrics !== false && !excluded.has(url)) metrics.follow(reply.raw, url, request.method);
      done();
    });
  },
  { name: 'prometheus-middleware', fastify: '5.x' },
);
