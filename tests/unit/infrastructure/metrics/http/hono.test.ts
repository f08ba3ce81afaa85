import assert from 'node:assert/strict';
import type { Server } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { honoMetrics, honoMetricsEndpoint } from '../../../../../src/infrastructure/metrics/http/hono.ts';
import { MetricsRegistry } from '../../../../../src/infrastructure/metrics/registry.ts';
import { leave, listenOn, requestCounts } from '../../../../support/http-counts.ts';

async function build(t: TestContext) {
  const registry = new MetricsRegistry();
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.use(honoMetrics({ registry, service: 's' }));
  app.get('/metrics', honoMetricsEndpoint({ registry }));
  app.use('/users/*', (_, next) => next());
  app.get('/users/:id', (context) => context.text('user'));
  app.get('/hangs', () => new Promise<Response>(() => undefined));
  const items = new Hono();
  items.onError((_, context) => context.text('no', 418));
  items.get('/:item', (context) => context.text('item'));
  items.get('/:item/throws', () => {
    throw new Error('as asked');
  });
  app.route('/orgs/:org/items', items);
  const server = createAdaptorServer({ fetch: app.fetch }) as Server; // of HTTP/1.1
  const url = await listenOn(t, server);
  return { app, url, registry };
}

describe('honoMetrics', () => {
  it('counts by the pattern of the route, of nested applications and after an error', async (t) => {
    const { url, registry } = await build(t);
    const paths = [
      '/users/1',
      '/users/2?a=b',
      '/orgs/7/items/1',
      '/orgs/7/items/1/throws',
      '/nowhere',
      '/users/1/x',
    ];
    for (const path of paths) await (await fetch(url + path)).arrayBuffer();
    assert.deepEqual(await requestCounts(registry), [
      'GET /orgs/:org/items/:item 200 1',
      'GET /orgs/:org/items/:item/throws 418 1',
      'GET /users/:id 200 2',
      'GET unmatched 404 2',
    ]);
  });

  it('counts a request whose client left as 499', async (t) => {
    const { url, registry } = await build(t);
    await leave(`${url}/hangs`, registry);
    assert.deepEqual(await requestCounts(registry), ['GET /hangs 499 1']);
  });

  it('serves the metrics, which are not counted themselves', async (t) => {
    const { app, url, registry } = await build(t);
    const answer = await fetch(`${url}/metrics?name[]=metrics_scrapes_total`);
    assert.equal(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    assert.match(await answer.text(), /^# HELP metrics_scrapes_total/);
    assert.equal((await app.request('/users/1')).status, 200, 'also without a server');
    assert.deepEqual(await requestCounts(registry), []);
  });
});
