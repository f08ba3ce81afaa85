import type { RouteOptions } from 'fastify';
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
  /**
   * The statuses of a route whose series begin at 0 when the route is registered, so that `increase` and `rate` see the
   * first of them. Default: none. Fastify's own HEAD routes are left out.
   */
  readonly knownStatuses?: ((route: RouteOptions) => readonly number[]) | undefined;
}

/**
 * Counts and times every request by its route's pattern, never by its path. HEAD of a GET route has that route's
 * pattern. Register it before any plugin whose hooks may answer a request.
 */
export const prometheusMiddleware = fastifyPlugin<PrometheusMiddlewareOptions>(
  async (app, { excludedRoutes = ['/metrics'], knownStatuses, ...options }) => {
    const metrics = new HttpMetrics(options);
    const excluded = new Set(excludedRoutes);
    if (knownStatuses !== undefined) {
      app.addHook('onRoute', (route) => {
        if (route.config?.metrics === false || excluded.has(route.url)) return;
        metrics.guard(() => {
          const statuses = knownStatuses(route);
          for (const method of [route.method].flat())
            if (method !== 'HEAD') metrics.createSeries(route.url, method, statuses);
        }, undefined);
      });
    }
    app.addHook('onRequest', (request, reply, done) => {
      const { url = UNMATCHED, config } = request.routeOptions;
      if (config.metrics !== false && !excluded.has(url)) metrics.follow(reply.raw, url, request.method);
      done();
    });
  },
  { name: 'prometheus-middleware', fastify: '5.x' },
);
