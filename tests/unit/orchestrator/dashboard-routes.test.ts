import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { pino } from 'pino';
import { dashboardRoutes } from '../../../src/orchestrator/dashboard-routes.ts';
import { createHttpServer } from '../../../src/shared/service/http-server.ts';
import { temporaryFolder } from '../../support/processes.ts';

async function build(t: TestContext, files: Readonly<Record<string, string | Buffer>>) {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'assets'));
  for (const [path, body] of Object.entries(files)) await writeFile(join(folder, path), body);
  const app = createHttpServer(pino({ level: 'silent' }));
  t.after(() => app.close());
  await app.register(dashboardRoutes, { folder });
  return app;
}

const SCRIPT = 'export const a = 1;';
const BUILT = {
  'index.html': '<!doctype html><html><head></head><body></body></html>',
  'favicon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
  'assets/main-abc.js': SCRIPT,
  'assets/main-abc.js.gz': gzipSync(SCRIPT),
};

describe('the dashboard', () => {
  it('is one page for all its paths, with a strict policy and a new nonce each time', async (t) => {
    const app = await build(t, BUILT);
    const nonces = new Set<string>();
    for (const url of ['/', '/tasks', '/tasks/abc', '/explore?q=up']) {
      const { statusCode, headers, body } = await app.inject(url);
      assert.deepEqual([statusCode, headers['cache-control']], [200, 'no-cache']);
      const nonce = /<meta name="csp-nonce" content="([^"]+)">/.exec(body)?.[1] ?? '';
      nonces.add(nonce);
      const policy = String(headers['content-security-policy']);
      assert.equal(
        policy,
        `default-src 'self'; style-src 'self' 'nonce-${nonce}'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`,
      );
    }
    assert.equal(nonces.size, 4);
  });

  it('has assets that browsers keep for good, compressed if the browser accepts it', async (t) => {
    const app = await build(t, BUILT);
    const plain = await app.inject('/assets/main-abc.js');
    assert.deepEqual([plain.statusCode, plain.body], [200, SCRIPT]);
    assert.equal(plain.headers['cache-control'], 'public, max-age=31536000, immutable');
    assert.equal(plain.headers['x-content-type-options'], 'nosniff');
    const packed = await app.inject({ url: '/assets/main-abc.js', headers: { 'accept-encoding': 'gzip' } });
    assert.equal(packed.headers['content-encoding'], 'gzip');
    assert.match(String(packed.headers['content-type']), /javascript/);
    assert.equal((await app.inject('/favicon.svg')).headers['content-type'], 'image/svg+xml');
  });

  it('serves nothing outside its folder, and no page for a missing asset', async (t) => {
    const app = await build(t, BUILT);
    for (const url of [
      '/assets/nothing.js',
      '/assets/../index.html',
      '/assets/%2e%2e/index.html',
      '/assets/..%2findex.html',
      '/index.html',
    ]) {
      assert.ok([403, 404].includes((await app.inject(url)).statusCode), url);
    }
  });

  it('without a build says how to build it', async (t) => {
    const app = await build(t, {});
    const { statusCode, body } = await app.inject('/');
    assert.equal(statusCode, 503);
    assert.match(body, /ASDLC_DASHBOARD_NOT_BUILT.*npm run build/);
  });
});
