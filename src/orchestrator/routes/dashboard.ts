import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyReply } from 'fastify';
import { dashboardNotBuilt } from '../../shared/errors.ts';
import type { HttpServer } from '../../shared/http-server.ts';

/** Paths that the dashboard's own router knows; all are the same page. */
const PAGES = ['/', '/tasks', '/tasks/:id', '/explore'];
const ROUTE = { schema: { hide: true } };

export interface DashboardOptions {
  /** Where it was built to: index.html, and assets with hashes in their names. */
  readonly folder: string;
}

/**
 * Serves the dashboard: the page fresh at every visit, its assets for good, compressed at the build. Where it was not
 * built, the page answers 503 and says how to build it. No token is asked for: it holds no data.
 */
export async function dashboardRoutes(app: HttpServer, { folder }: DashboardOptions): Promise<void> {
  const pagePath = join(folder, 'index.html');
  if (!existsSync(pagePath)) {
    for (const path of PAGES) {
      app.get(path, ROUTE, async () => {
        throw dashboardNotBuilt();
      });
    }
    return;
  }
  const page = readFileSync(pagePath, 'utf8');
  for (const path of PAGES) app.get(path, ROUTE, (_, reply) => sendPage(reply, page));
  const headers = { 'x-content-type-options': 'nosniff' };
  await app.register(fastifyStatic, {
    root: join(folder, 'assets'),
    prefix: '/assets/',
    index: false,
    preCompressed: true,
    immutable: true,
    maxAge: '365d',
    setHeaders: (response) => response.header('x-content-type-options', 'nosniff'),
  });
  app.get('/favicon.svg', ROUTE, (_, reply) =>
    reply.headers(headers).sendFile('favicon.svg', folder, { immutable: false, maxAge: '1d' }),
  );
}

/**
 * No script, style or connection but our own. The editor of the explore page adds a style element at run time, which
 * needs the nonce; it finds it in the page.
 */
function sendPage(reply: FastifyReply, page: string): FastifyReply {
  const nonce = randomBytes(16).toString('base64url');
  const policy = [
    "default-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ];
  return reply
    .headers({
      'content-security-policy': policy.join('; '),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'cache-control': 'no-cache',
    })
    .type('text/html; charset=utf-8')
    .send(page.replace('</head>', `<meta name="csp-nonce" content="${nonce}"></head>`));
}
