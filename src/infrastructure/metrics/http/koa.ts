import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpMetricsOptions } from './http-definitions.ts';
import { HttpMetrics, UNMATCHED } from './http-metrics.ts';
import { ScrapeHandler, type ScrapeOptions } from './scrape-handler.ts';

export type { FurtherLabel, HttpMetricDefinitions, HttpMetricsOptions } from './http-definitions.ts';
export type { ScrapeMetricDefinitions, ScrapeOptions } from './scrape-handler.ts';

/** What the middleware uses of Koa's context. */
interface Context {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly path: string;
  /** Set by @koa/router: the pattern of the route, with the prefixes of the routers above it. */
  readonly _matchedRoute?: unknown;
  status: number;
  body: unknown;
  set(headers: Record<string, string>): void;
}

type Middleware = (context: Context, next: () => Promise<unknown>) => Promise<unknown>;

export interface KoaMetricsOptions extends HttpMetricsOptions {
  /** Paths that are not counted. Default: `/metrics`. */
  readonly excludedPaths?: readonly string[] | undefined;
}

/** Counts and times the requests of Koa by the pattern of their @koa/router route. Use it before everything else. */
export function koaMetrics({ excludedPaths = ['/metrics'], ...options }: KoaMetricsOptions = {}): Middleware {
  const metrics = new HttpMetrics(options);
  const excluded = new Set(excludedPaths);
  return (context, next) => {
    if (!excluded.has(pathOf(context))) {
      metrics.followUntilEnd(context.res, context.req.method, () => patternOf(context._matchedRoute));
    }
    return next();
  };
}

/** Koa throws for a target that is no URL, such as `http://[`. The host answers it as it does without metrics. */
function pathOf(context: Context): string {
  try {
    return context.path;
  } catch {
    return '';
  }
}

/** A route may be a regular expression. */
function patternOf(route: unknown): string {
  return route === undefined || route === null ? UNMATCHED : String(route);
}

/** Serves the metrics on GET and HEAD of a path, `/metrics` by default. */
export function koaMetricsEndpoint({
  path = '/metrics',
  ...options
}: ScrapeOptions & { readonly path?: string | undefined } = {}): Middleware {
  const handler = new ScrapeHandler(options);
  return async (context, next) => {
    const { method, headers, url } = context.req;
    if (pathOf(context) !== path || (method !== 'GET' && method !== 'HEAD')) {
      await next();
      return;
    }
    handler.follow(context.res);
    const scraped = await handler.scrape(headers, url);
    context.status = 200;
    context.set(scraped.headers);
    context.body = scraped.body;
  };
}
