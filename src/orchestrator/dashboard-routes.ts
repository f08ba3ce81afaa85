import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyReply } from 'fastify';
import { dashboardNotBuilt } from '../shared/errors.ts';
import type { HttpServer } from '../shared/service/http-server.ts';

/** Paths of the dashboard's own router; all of them return the same page. */
const PAGES = ['/', '/why', '/tasks', '/tasks/:id', '/schedules', '/schedules/:id', '/workers', '/explore'];
const ROUTE = { schema: { hide: true } };

export interface DashboardOptions {
  /** The folder of the build: index.html, and assets with hashes in their names. */
  readonly folder: string;
}

/**
 * Serves the dashboard. Browsers ask for the page at every visit, and keep its assets for good; the build has compressed
 * them. Without a build the page is a 503 that says how to build it. It needs no token: it holds no data.
 */
export async function dashboardRoutes(app: HttpServer, { folder }: DashboardOptions): Promise<void> {
  // Read at each visit: a new build, made while the server runs, has assets with other names.
  const readPage = () =>
    readFile(join(folder, 'index.html'), 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'ENOENT' ? dashboardNotBuilt() : error;
    });
  for (const path of PAGES) {
    app.get(path, ROUTE, async (_, reply) => sendPage(reply, await readPage()));
  }
  const assets = join(folder, 'assets');
  await app.register(fastifyStatic, {
    root: folder,
    serve: false,
    preCompressed: true,
    setHeaders: (response) => response.header('x-content-type-options', 'nosniff'),
  });
  app.get('/assets/:name', ROUTE, (request, reply) =>
    reply.sendFile((request.params as { name: string }).name, assets, { immutable: true, maxAge: '365d' }),
  );
  app.get('/favicon.svg', ROUTE, (_, reply) => reply.sendFile('favicon.svg', { maxAge: '1d' }));
}

/**
 * The policy allows only our own scripts, styles and connections. The editor of the explore page adds a style element at
 * run time. It needs the nonce, and reads it from the page.
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
