import type { FastifyReply, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { REQUEST_COUNT, REQUEST_LATENCY, REQUESTS_IN_PROGRESS } from './definitions.ts';
import type { MetricsRegistry } from './registry.ts';

export interface PrometheusMiddlewareOptions {
  readonly registry: MetricsRegistry;
  readonly service: string;
  /** Route patterns that are not counted; `/metrics` unless told otherwise. */
  readonly excludedRoutes?: readonly string[];
}

/** Label value of requests that no route matched: one series, whatever paths are tried. */
export const UNMATCHED = 'unmatched';
/** nginx's status for a client that went away before its answer. */
export const ABORTED_STATUS = 499;

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT']);

/** A method as label value: one of HTTP's own (RFC 9110, PATCH), or `other`. */
export function methodLabel(method: string): string {
  return METHODS.has(method) ? method : 'other';
}

/**
 * Counts and times every request by route pattern, never by path, and settles each exactly once: at its
 * response, or as 499 when the connection closes first (Fastify calls no onResponse then).
 */
export const prometheusMiddleware = fastifyPlugin<PrometheusMiddlewareOptions>(
  async (app, { registry, service, excludedRoutes = ['/metrics'] }) => {
    const excluded = new Set(excludedRoutes);
    const count = registry.instrument(REQUEST_COUNT);
    const latency = registry.instrument(REQUEST_LATENCY);
    const inProgress = registry.instrument(REQUESTS_IN_PROGRESS);
    const startTimes = new WeakMap<FastifyRequest, number>();
    inProgress.set({ service }, 0);

    const settle = (request: FastifyRequest, status: number) => {
      const startedAt = startTimes.get(request);
      if (startedAt === undefined) return;
      startTimes.delete(request);
      const method = methodLabel(request.method);
      const endpoint = request.routeOptions.url ?? UNMATCHED;
      inProgress.dec({ service });
      count.inc({ service, method, endpoint, status: String(status) });
      latency.observe({ service, method, endpoint }, (performance.now() - startedAt) / 1000);
    };

    app.addHook('onRequest', (request: FastifyRequest, reply: FastifyReply, done) => {
      if (!excluded.has(request.routeOptions.url ?? UNMATCHED)) {
        startTimes.set(request, performance.now());
        inProgress.inc({ service });
        reply.raw.once('close', () =>
          settle(request, reply.raw.writableFinished ? reply.raw.statusCode : ABORTED_STATUS),
        );
      }
      done();
    });
    app.addHook('onResponse', (request, reply, done) => {
      settle(request, reply.statusCode);
      done();
    });
  },
  { name: 'prometheus-middleware', fastify: '5.x' },
);
