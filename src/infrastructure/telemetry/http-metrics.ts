import type { IncomingMessage, Server } from 'node:http';
import type { RouteOptions } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { sampledTraceIdOf, validTraceparent } from '../../shared/trace-context.ts';
import * as endpoint from '../metrics/http/endpoint.ts';
import type { HttpMetricDefinitions } from '../metrics/http/http-definitions.ts';
import * as middleware from '../metrics/http/middleware.ts';
import * as nodeHttp from '../metrics/http/node-http.ts';
import type { ScrapeMetricDefinitions, ScrapeOptions } from '../metrics/http/scrape-handler.ts';
import { REQUEST_COUNT, REQUEST_LATENCY, REQUESTS_IN_PROGRESS } from './catalogue/http.ts';
import { SCRAPE_DURATION, SCRAPES } from './catalogue/metrics.ts';

/*
 * The library's HTTP parts under asdlc's names: they count in the metrics of the catalogue, and take exemplars
 * from the W3C header `traceparent`. The series of known routes begin at 0. Options of the caller win.
 */

const HTTP_DEFINITIONS: HttpMetricDefinitions = {
  count: REQUEST_COUNT,
  duration: REQUEST_LATENCY,
  inProgress: REQUESTS_IN_PROGRESS,
};
const HTTP_DEFAULTS = { definitions: HTTP_DEFINITIONS, traceIdOf: traceIdOfRequest };

const SCRAPE_DEFINITIONS: ScrapeMetricDefinitions = { count: SCRAPES, duration: SCRAPE_DURATION };

/** See the middleware of the library. */
export const prometheusMiddleware = fastifyPlugin<middleware.PrometheusMiddlewareOptions>(
  async (app, options) => {
    await app.register(middleware.prometheusMiddleware, { ...HTTP_DEFAULTS, knownStatuses, ...options });
  },
  { name: 'asdlc-prometheus-middleware', fastify: '5.x' },
);

/** See the function of the library. */
export function instrumentHttpServer(server: Server, options: nodeHttp.NodeHttpMetricsOptions): void {
  nodeHttp.instrumentHttpServer(server, { ...HTTP_DEFAULTS, ...options });
}

/** See the endpoint of the library. */
export const metricsEndpoint = fastifyPlugin<endpoint.MetricsEndpointOptions>(
  async (app, options) => {
    await app.register(endpoint.metricsEndpoint, { definitions: SCRAPE_DEFINITIONS, ...options });
  },
  { name: 'asdlc-metrics-endpoint', fastify: '5.x' },
);

/** See the handler of the library. */
export function metricsHandler(options: ScrapeOptions): ReturnType<typeof nodeHttp.metricsHandler> {
  return nodeHttp.metricsHandler({ definitions: SCRAPE_DEFINITIONS, ...options });
}

/**
 * What the error budget counts of a route: its good statuses, and its 5xx. Any route answers 500 after a fault, and 503
 * while the service stops.
 */
function knownStatuses({ schema }: RouteOptions): readonly number[] {
  const listed = Object.keys((schema?.response ?? {}) as object).map(Number); // an object in any schema
  const good = listed.filter((status) => status >= 200 && status < 300);
  const bad = listed.filter((status) => status >= 500);
  return [...new Set([...(good.length === 0 ? [200] : good), 500, 503, ...bad])];
}

/** The trace id of a request's valid traceparent, if the trace is sampled. Injected requests have no headers. */
function traceIdOfRequest({ headers }: Partial<IncomingMessage>): string | undefined {
  const traceparent = headers?.traceparent;
  return traceparent === undefined ? undefined : sampledTraceIdOf(validTraceparent(traceparent));
}
