import { isIP } from 'node:net';
import { hostname } from 'node:os';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { foreignHost, foreignOrigin } from '../../errors.ts';

/*
 * What a web page of another origin can make the operator's browser do:
 *
 *  - It can send a POST without asking first. The browser names the page in `Origin` and `Sec-Fetch-Site`, so
 *    requests that change something are refused where these say that the page is foreign.
 *  - By DNS rebinding its own name can point to this machine, and then the browser takes the page for ours. The
 *    name is in `Host`. Where no token guards the service, only names are answered that no public DNS server can
 *    hold, and the listed ones.
 */

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

export interface ForeignRequestOptions {
  /** Whether a token guards the route: a page that has none can do nothing there, whatever its name. */
  readonly hasToken: (request: FastifyRequest) => boolean;
  /** Host names that are answered beside this machine's, separated by commas. */
  readonly allowedHosts: string | undefined;
}

/** Refuses requests that come from a page of another origin, or for a host name that is not ours. */
export function refuseForeignRequests(
  app: FastifyInstance,
  { hasToken, allowedHosts }: ForeignRequestOptions,
): void {
  const known = new Set(
    [...(allowedHosts?.split(',') ?? []), hostname()].map((name) => name.trim().toLowerCase()),
  );
  app.addHook('onRequest', (request, _, done) => {
    if (!hasToken(request) && !isOwnHost(request.hostname, known)) done(foreignHost(request.hostname));
    else if (isForeign(request)) done(foreignOrigin(request.headers.origin));
    else done();
  });
}

/**
 * Whether a page of another origin cannot have this host name: an IP address, `localhost`, a name without dots (no
 * public domain has one), and the known ones.
 */
function isOwnHost(name: string, known: ReadonlySet<string>): boolean {
  const host = name.toLowerCase().replace(/\.$/, '');
  const isLocal = !host.includes('.') || host.endsWith('.localhost');
  return isLocal || known.has(host) || isIP(host.replace(/^\[(.*)\]$/, '$1')) !== 0;
}

/** Programs send neither header; browsers of the last years send both, older ones `Origin` alone. */
function isForeign({ method, headers, host, routeOptions }: FastifyRequest): boolean {
  if (SAFE_METHODS.has(method) || routeOptions.config.readOnly === true) return false;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  return headers.origin !== undefined && hostOf(headers.origin) !== host.toLowerCase();
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether a POST of this route only reads, so that any page may send it. */
    readOnly?: boolean;
  }
}
