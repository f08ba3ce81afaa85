import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Http2SecureServer, Http2Server } from 'node:http2';
import type { HttpMetricsOptions } from './http-definitions.ts';
import { HttpMetrics, UNMATCHED } from './http-metrics.ts';
import { ScrapeHandler, type ScrapeOptions } from './scrape-handler.ts';

export type { FurtherLabel, HttpMetricDefinitions, HttpMetricsOptions } from './http-definitions.ts';
export type { ScrapeMetricDefinitions, ScrapeOptions } from './scrape-handler.ts';

export interface NodeHttpMetricsOptions extends HttpMetricsOptions {
  /**
   * The pattern of a request's route, from a fixed set (`/users/:id`), never its path. It runs when the request arrives;
   * `setEndpoint` may say later what the route is. The request is not counted when this returns undefined or null.
   */
  readonly endpointOf?: ((request: IncomingMessage) => string | null | undefined) | undefined;
}

const endpoints = new WeakMap<ServerResponse, string>();

/** Tells the route's pattern of a request that is under way. */
export function setEndpoint(response: ServerResponse, endpoint: string): void {
  if (typeof response === 'object' && response !== null) endpoints.set(response, endpoint);
}

/** Counts and times the requests of a plain `node:http`, `node:https` or `node:http2` server. */
export function instrumentHttpServer(
  server: Server | Http2Server | Http2SecureServer,
  { endpointOf = () => UNMATCHED, ...options }: NodeHttpMetricsOptions,
): void {
  const metrics = new HttpMetrics(options);
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const endpoint = metrics.guard(() => endpointOf(request), UNMATCHED) as unknown;
    if (endpoint === undefined || endpoint === null) return;
    metrics.followUntilEnd(response, request.method, () => endpoints.get(response) ?? endpoint);
  };
  (server as Server).prependListener('request', onRequest); // HTTP/2's compatible requests have the same members
}

/** A listener that serves the metrics on GET and HEAD, for `node:http`, Express and what is built on them. */
export function metricsHandler(
  options: ScrapeOptions = {},
): (request: IncomingMessage, response: ServerResponse) => void {
  const handler = new ScrapeHandler(options);
  return (request, response) => {
    handler.follow(response);
    answer(handler, request, response).catch(() => fail(response));
  };
}

async function answer(
  handler: ScrapeHandler,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method, headers, url } = request;
  if (method !== 'GET' && method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end();
    return;
  }
  const { headers: sent, body } = await handler.scrape(headers, url);
  response
    .writeHead(200, { ...sent, 'content-length': body.length })
    .end(method === 'HEAD' ? undefined : body);
}

/** Ends a response that could not be written: the program had begun it, or its client has left. */
function fail(response: ServerResponse): void {
  try {
    if (!response.headersSent) response.statusCode = 500;
    response.end();
  } catch {
    response.destroy();
  }
}
