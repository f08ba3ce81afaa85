import fastifyPlugin from 'fastify-plugin';
import { HttpMetrics, type HttpMetricsOptions, UNMATCHED } from './http-metrics.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `false`: requests of this route are not counted. */
    metrics?: boolean;
  }
}

export interface PrometheusMiddlewareOptions extends HttpMetricsOptions {
  /** Route patterns that are not counted; `/metrics` unless told otherwise. */
  readonly excludedRoutes?: readonly string[];
}

/**
 * Counts and times every request by route pattern, never by path; HEAD of a GET route under its pattern. To be
 * registered before anything whose hooks may answer a request.
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
