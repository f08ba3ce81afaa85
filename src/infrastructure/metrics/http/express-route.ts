import type { IncomingMessage } from 'node:http';

/*
 * The route's pattern of a request that Express has answered, in Express 4 and 5. `req.route` has the pattern within
 * its router. What stands before it is not kept anywhere: `req.baseUrl` is a part of the path, and is empty again after
 * an error. So the routers are searched for the route, and the layers above it tell which segments are parameters.
 * After an error in a mounted application, `req.app` is the one above it. So the application is noted with the route.
 */

/** What a layer found: the part of the path, and the parameters in it. New versions say the pattern too. */
interface Match {
  readonly path?: string | undefined;
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  readonly pattern?: unknown;
}

/** `match` returns what it found, or, in versions of 2025 and before, leaves it in the layer and returns true. */
interface Layer extends Match {
  readonly route?: Route | undefined;
  readonly handle?: { readonly stack?: readonly Layer[] };
  match(path: string): Match | boolean;
}

interface Route {
  readonly path: unknown;
}

interface Application {
  /** What all requests of the application, and of those mounted in it, inherit from. */
  readonly request?: object;
  readonly parent?: Application;
  readonly mountpath?: string | readonly string[];
  readonly router?: Router;
  readonly _router?: Router;
}

interface Router {
  readonly stack?: readonly Layer[];
}

const noted = Symbol('route and its application');

export interface ExpressRequest extends IncomingMessage {
  [noted]?: { readonly route: Route; readonly app: Application | undefined };
  readonly app?: Application;
  readonly route?: Route;
  readonly originalUrl?: string;
}

type Chain = readonly Layer[];

/** By route: the layers above it, once for each place where its router is mounted. */
const chains = new WeakMap<Route, readonly Chain[]>();

/** Express assigns `req.route` while `req.app` is the application that has the route: both are noted from now on. */
export function noteRoutes({ app }: ExpressRequest): void {
  if (app?.request === undefined || 'route' in app.request) return;
  Object.defineProperty(app.request, 'route', {
    configurable: true,
    get(this: ExpressRequest) {
      return this[noted]?.route;
    },
    set(this: ExpressRequest, route: Route) {
      this[noted] = { route, app: this.app };
    },
  });
}

/** The pattern of the route that answered, with those of the routers above it; undefined when none did. */
export function expressRoute(request: ExpressRequest): string | undefined {
  const { route, originalUrl = '/' } = request;
  const app = request[noted]?.app ?? request.app;
  if (route === undefined || app === undefined) return undefined;
  const path = pathOf(originalUrl);
  const mounted = mountPatternOf(app);
  const own = String(route.path);
  const candidates = chainsOf(app, route);
  for (const chain of candidates) {
    const above = patternOfChain(chain, mounted === '' ? path : pathBelow(path, mounted));
    if (above !== undefined) return join(mounted + above, own);
  }
  return join(mounted, own);
}

function pathOf(url: string): string {
  const end = url.search(/[?#]/);
  return end === -1 ? url : url.slice(0, end);
}

/** The pattern under which an application is mounted in others. */
function mountPatternOf(app: Application): string {
  if (app.parent === undefined) return '';
  const own = Array.isArray(app.mountpath) ? app.mountpath.join(',') : String(app.mountpath ?? '');
  return mountPatternOf(app.parent) + (own === '/' ? '' : own);
}

/** The path without as many segments as the pattern has. */
function pathBelow(path: string, pattern: string): string {
  const count = pattern.split('/').length;
  return `/${path.split('/').slice(count).join('/')}`;
}

function join(above: string, own: string): string {
  if (own === '/' || own === '') return above === '' ? '/' : above;
  return above + (own.startsWith('/') || above === '' ? own : `/${own}`);
}

function chainsOf(app: Application, route: Route): readonly Chain[] {
  const known = chains.get(route);
  if (known !== undefined) return known;
  const found = search(rootStack(app), route, []);
  if (found.length > 0) chains.set(route, found);
  return found;
}

function rootStack(app: Application): readonly Layer[] {
  // In Express 4 the property `router` throws; in Express 5 there is no `_router`.
  return (app._router ?? app.router)?.stack ?? [];
}

function search(stack: readonly Layer[], route: Route, above: Chain): readonly Chain[] {
  if (above.length > 20) return []; // a router that contains itself
  return stack.flatMap((layer) => {
    if (layer.route === route) return [above];
    const inner = layer.handle?.stack;
    return inner === undefined || layer.route !== undefined ? [] : search(inner, route, [...above, layer]);
  });
}

/** The layers' patterns; undefined when the path does not lead through them. */
function patternOfChain(chain: Chain, path: string): string | undefined {
  let rest = path;
  let pattern = '';
  for (const layer of chain) {
    const found = match(layer, rest);
    if (found === undefined) return undefined;
    pattern += patternOfMatch(layer, found);
    rest = rest.slice((found.path ?? '').length);
    if (!rest.startsWith('/')) rest = `/${rest}`;
  }
  return pattern;
}

/** A copy of what the layer finds. Undefined: nothing, or a part of the path that it cannot decode. */
function match(layer: Layer, path: string): Match | undefined {
  try {
    const found = layer.match(path);
    if (found === false) return undefined;
    const { path: part, params, pattern } = found === true ? layer : found;
    return { path: part, params, pattern: found === true ? undefined : pattern };
  } catch {
    return undefined;
  }
}

/**
 * The matched part of a path, with its parameters' names in place of their values. The rest is in lower case and without
 * the last slash: routers ignore both, and a client must not make series with them.
 */
function patternOfMatch(layer: Layer, { path = '', params = {}, pattern }: Match): string {
  if (pattern !== undefined) return pattern === '/' ? '' : String(pattern);
  const text = decode(path.replace(/\/$/, ''));
  let shown = '';
  let from = 0;
  for (const [name, given] of Object.entries(params)) {
    const value = Array.isArray(given) ? given.join('/') : String(given ?? '');
    const at = value === '' ? undefined : placeOf(layer, text, value, from);
    if (at === undefined) continue;
    shown += `${text.slice(from, at).toLowerCase()}:${name}`;
    from = at + value.length;
  }
  return shown + text.slice(from).toLowerCase();
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** Where a parameter's value stands. Other text of the pattern may be the same: then each place is tried. */
function placeOf(layer: Layer, text: string, value: string, from: number): number | undefined {
  const places: number[] = [];
  for (let at = text.indexOf(value, from); at !== -1; at = text.indexOf(value, at + 1)) places.push(at);
  if (places.length < 2) return places[0];
  return places.find((at) => isParameter(layer, text, at, value)) ?? places.at(-1);
}

/** Whether the layer also matches when the text has another value at this place. */
function isParameter(layer: Layer, text: string, at: number, value: string): boolean {
  const other = value.replaceAll(/[a-z0-9]/gi, (character) => {
    if (/\d/.test(character)) return String((Number(character) + 1) % 10);
    return character === 'q' ? 'z' : 'q';
  });
  const changed = text.slice(0, at) + other + text.slice(at + value.length);
  return other !== value && match(layer, changed)?.path === changed;
}
