import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import Router from '@koa/router';
import Koa from 'koa';
import { koaMetrics, koaMetricsEndpoint } from '../../../../../src/infrastructure/metrics/http/koa.ts';
import { MetricsRegistry } from '../../../../../src/infrastructure/metrics/registry.ts';
import { leave, listenOn, requestCounts } from '../../../../support/http-counts.ts';

async function build(t: TestContext) {
  const registry = new MetricsRegistry();
  const app = new Koa();
  app.silent = true;
  app.use(koaMetrics({ registry, service: 's' }));
  app.use(koaMetricsEndpoint({ registry }));
  const users = new Router({ prefix: '/users' });
  users.get('/:id', (context) => {
    context.body = 'user';
  });
  users.get('/:id/throws', () => {
    throw new Error('as asked');
  });
  const router = new Router();
  router.get('/hangs', () => new Promise(() => undefined));
  router.use('/orgs/:org', users.routes(), users.allowedMethods());
  router.use(users.routes());
  app.use(router.routes()).use(router.allowedMethods());
  const url = await listenOn(t, createServer(app.callback()));
  return { url, registry };
}

describe('koaMetrics', () => {
  it('counts by the pattern of the route, of nested routers and after an error', async (t) => {
    const { url, registry } = await build(t);
    const paths = [
      '/users/1',
      '/users/2?a=b',
      '/orgs/7/users/1',
      '/orgs/7/users/1/throws',
      '/nowhere',
      '//',
      '/orgs',
    ];
    for (const path of paths) await (await fetch(url + path)).arrayBuffer();
    assert.deepEqual(await requestCounts(registry), [
      'GET /orgs/:org/users/:id 200 1',
      'GET /orgs/:org/users/:id/throws 500 1',
      'GET /users/:id 200 2',
      'GET unmatched 404 3',
    ]);
  });

  it('leaves a target that is no URL to the host', async (t) => {
    const registry = new MetricsRegistry();
    const app = new Koa();
    app.use(koaMetrics({ registry, service: 's' })).use(koaMetricsEndpoint({ registry }));
    const url = await listenOn(t, createServer(app.callback()));
    const { hostname, port } = new URL(url);
    const [response] = await once(get({ hostname, port, path: 'http://[' }), 'response');
    response.resume();
    assert.equal(response.statusCode, 404);
    assert.deepEqual(await requestCounts(registry), ['GET unmatched 404 1']);
  });

  it('counts a request whose client left as 499', async (t) => {
    const { url, registry } = await build(t);
    await leave(`${url}/hangs`, registry);
    assert.deepEqual(await requestCounts(registry), ['GET /hangs 499 1']);
  });

  it('serves the metrics, which are not counted themselves', async (t) => {
    const { url, registry } = await build(t);
    const answer = await fetch(`${url}/metrics?name[]=metrics_scrapes_total`);
    assert.equal(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    assert.match(await answer.text(), /^# HELP metrics_scrapes_total/);
    assert.equal((await fetch(`${url}/metrics`, { method: 'HEAD' })).status, 200);
    assert.deepEqual(await requestCounts(registry), []);
  });
});
