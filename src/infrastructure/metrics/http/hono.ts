import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpMetricsOptions } from './http-definitions.ts';
import { HttpMetrics, UNMATCHED } from './http-metrics.ts';
import { ScrapeHandler, type ScrapeOptions } from './scrape-handler.ts';

export type { FurtherLabel, HttpMetricDefinitions, HttpMetricsOptions } from './http-definitions.ts';
export type { ScrapeMetricDefinitions, ScrapeOptions } from './scrape-handler.ts';

/** One of the handlers that match a request. */
interface MatchedRoute {
  readonly path: string;
  readonly method: string;
  readonly handler: HonoHandler;
}

/** In an application with an error handler of its own, Hono wraps each handler, and keeps it under this name. */
type HonoHandler = ((...parameters: never[]) => unknown) & { readonly __COMPOSED_HANDLER?: HonoHandler };

/** What the middleware uses of Hono's context. */
interface Context {
  readonly req: {
    readonly method: string;
    readonly path: string;
    readonly url: string;
    readonly matchedRoutes: readonly MatchedRoute[];
    header(): Record<string, string>;
  };
  /** @hono/node-server has Node's request and response here. */
  readonly env?: unknown;
}

type Middleware = (context: Context, next: () => Promise<void>) => Promise<void>;

export interface HonoMetricsOptions extends HttpMetricsOptions {
  /** Paths that are not counted. Default: `/metrics`. */
  readonly excludedPaths?: readonly string[] | undefined;
}

/**
 * Counts and times the requests of Hono on @hono/node-server by the pattern of their route. Use it before everything
 * else: `app.use(honoMetrics())`. Without that server nobody tells when a response has been sent: nothing is counted.
 */
export function honoMetrics({
  excludedPaths = ['/metrics'],
  ...options
}: HonoMetricsOptions = {}): Middleware {
  const metrics = new HttpMetrics(options);
  const excluded = new Set(excludedPaths);
  return (context, next) => {
    const { outgoing } = (context.env ?? {}) as { incoming?: IncomingMessage; outgoing?: ServerResponse };
    if (outgoing !== undefined && !excluded.has(context.req.path)) {
      metrics.followUntilEnd(outgoing, context.req.method, () => patternOf(context.req.matchedRoutes));
    }
    return next();
  };
}

/** The pattern of the last handler: middleware takes `next` too, and matches requests that nobody answers. */
function patternOf(routes: readonly MatchedRoute[]): string {
  return routes.findLast(({ handler }) => handlerOf(handler).length < 2)?.path ?? UNMATCHED;
}

function handlerOf(handler: HonoHandler): HonoHandler {
  const { __COMPOSED_HANDLER: inner } = handler;
  return inner === undefined ? handler : handlerOf(inner);
}

/** Serves the metrics: `app.get('/metrics', honoMetricsEndpoint())`. */
export function honoMetricsEndpoint(options: ScrapeOptions = {}): (context: Context) => Promise<Response> {
  const handler = new ScrapeHandler(options);
  return async ({ req, env }) => {
    const { outgoing } = (env ?? {}) as { outgoing?: ServerResponse };
    if (outgoing !== undefined) handler.follow(outgoing);
    const { headers, body } = await handler.scrape(req.header(), req.url);
    return new Response(new Uint8Array(body), { headers });
  };
}
