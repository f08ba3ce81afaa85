import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { describe, it, type TestContext } from 'node:test';
import express5 from 'express';
import { expressMetrics, metricsHandler } from '../../../../../src/infrastructure/metrics/http/express.ts';
import { MetricsRegistry } from '../../../../../src/infrastructure/metrics/registry.ts';
import { leave, listenOn, requestCounts } from '../../../../support/http-counts.ts';

const express4 = createRequire(import.meta.url)('express4') as typeof express5; // its API is the same in what follows

for (const [version, express] of Object.entries({ 4: express4, 5: express5 })) {
  describe(`expressMetrics with Express ${version}`, () => {
    async function build(t: TestContext) {
      const registry = new MetricsRegistry();
      const app = express();
      app.use(expressMetrics({ registry, service: 's' }));
      app.get('/metrics', metricsHandler({ registry }));
      app.get('/', (_, response) => void response.send('root'));
      app.get('/users/:id', (_, response) => void response.send('user'));
      app.get(['/a', '/b'], (_, response) => void response.send('either'));
      app.get('/throws/:id', () => {
        throw new Error('as asked');
      });
      app.get('/hangs', () => undefined);
      const items = express.Router();
      items.get('/', (_, response) => void response.send('items'));
      items.get('/:item', (_, response) => void response.send('item'));
      items.get('/:item/throws', () => {
        throw new Error('as asked');
      });
      items.get('/:item/passes', (_request, _response, next) => next());
      const orgs = express.Router();
      orgs.use('/:org/items', items);
      app.use('/orgs', orgs);
      app.use('/v1', items);
      const mounted = express();
      mounted.get('/page/:page', (_, response) => void response.send('page'));
      mounted.get('/page/:page/throws', () => {
        throw new Error('as asked');
      });
      const inner = express();
      inner.use('/:org/items', items);
      mounted.use('/inner', inner);
      app.use('/admin', mounted);
      app.use((_error: unknown, _request: unknown, response: express5.Response, _next: unknown) => {
        response.status(500).send('no');
      });
      const url = await listenOn(t, createServer(app));
      const counts = async (...paths: string[]) => {
        for (const path of paths) await (await fetch(url + path)).arrayBuffer();
        return requestCounts(registry);
      };
      return { url, registry, counts };
    }

    it('counts by the pattern of the route', async (t) => {
      const { counts } = await build(t);
      assert.deepEqual(await counts('/', '/?a=1', '/users/1', '/users/2?x=/y', '/a', '/b', '/throws/1'), [
        'GET / 200 2',
        'GET /a,/b 200 2',
        'GET /throws/:id 500 1',
        'GET /users/:id 200 2',
      ]);
    });

    it('counts with the patterns of the routers above, also after an error', async (t) => {
      const { counts } = await build(t);
      const paths = [
        '/orgs/1/items',
        '/orgs/orgs/items/7',
        '/orgs/items/items/items',
        '/orgs/a%2Fb/items/7/throws',
      ];
      assert.deepEqual(await counts(...paths, '/v1/7', '/v1', '/v1/7/throws', '/admin/page/3'), [
        'GET /admin/page/:page 200 1',
        'GET /orgs/:org/items 200 1',
        'GET /orgs/:org/items/:item 200 2',
        'GET /orgs/:org/items/:item/throws 500 1',
        'GET /v1 200 1',
        'GET /v1/:item 200 1',
        'GET /v1/:item/throws 500 1',
      ]);
    });

    it('does not let a client make series with letters, slashes or values in a mount path', async (t) => {
      const registry = new MetricsRegistry();
      const app = express();
      app.use(expressMetrics({ registry, service: 's' }));
      const items = express.Router();
      items.get('/', (_, response) => void response.send('items'));
      items.get('/:item', (_, response) => void response.send('item'));
      app.use('/items/v:version/:zone', items);
      const url = await listenOn(t, createServer(app));
      const paths = [
        '/items/v1/a/',
        '/ITEMS/V22/B',
        '/items/vv/v/',
        '/items/vitems/it%2Fems',
        '/iTems/v1/a/7',
      ];
      for (const path of paths) await (await fetch(url + path)).arrayBuffer();
      assert.deepEqual(await requestCounts(registry), [
        'GET /items/v:version/:zone 200 4',
        'GET /items/v:version/:zone/:item 200 1',
      ]);
    });

    if (version === '4') {
      it('takes the values of parameters with a pattern for values', async (t) => {
        const registry = new MetricsRegistry();
        const app = express();
        app.use(expressMetrics({ registry, service: 's' }));
        const items = express.Router();
        items.get('/', (_, response) => void response.send('items'));
        app.use('/cafe/:hash([0-9a-f]+)', items);
        const url = await listenOn(t, createServer(app));
        for (const path of ['/cafe/01ab', '/cafe/cafe']) await (await fetch(url + path)).arrayBuffer();
        assert.deepEqual(await requestCounts(registry), ['GET /cafe/:hash 200 2']);
      });
    }

    it('counts with the mount path after an error in an application without error handler', async (t) => {
      const { counts } = await build(t);
      assert.deepEqual(
        await counts('/admin/page/3/throws', '/admin/inner/7/items/8/throws', '/admin/inner/7/items'),
        [
          'GET /admin/inner/:org/items 200 1',
          'GET /admin/inner/:org/items/:item/throws 500 1',
          'GET /admin/page/:page/throws 500 1',
        ],
      );
    });

    it('shows a route to the handlers as Express does', async (t) => {
      const app = express();
      const shown: unknown[] = [];
      app.use(expressMetrics({ registry: new MetricsRegistry() }));
      app.use((request, _response, next) => {
        shown.push(request.route);
        next();
      });
      app.get('/:first', (request, _response, next) => {
        shown.push(request.route.path);
        next();
      });
      app.get('/:second', (request, response) => {
        shown.push(request.route.path);
        response.send('ok');
      });
      const url = await listenOn(t, createServer(app));
      await (await fetch(`${url}/x`)).arrayBuffer();
      assert.deepEqual(shown, [undefined, '/:first', '/:second']);
    });

    it('counts what no route answers in one series', async (t) => {
      const { counts } = await build(t);
      const results = await counts('/nowhere', '/orgs', '/orgs/1', '/admin/x', '/metrics', '/metrics?a');
      assert.deepEqual(results, ['GET unmatched 404 4']);
    });

    it('answers and counts paths that are none', async (t) => {
      const { url, counts } = await build(t);
      for (const path of ['//', '/%', '/users/%', '//evil.example/%ff']) {
        assert.ok((await fetch(url + path)).status >= 200, path);
      }
      const results = await counts();
      assert.equal(
        results.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0),
        4,
      );
      for (const line of results) assert.match(line, /^GET (?:unmatched|\/|\/users\/:id) \d+ \d$/);
    });

    it('counts a request whose client left as 499', async (t) => {
      const { url, registry, counts } = await build(t);
      await leave(`${url}/hangs`, registry);
      assert.deepEqual(await counts(), ['GET /hangs 499 1']);
    });
  });
}
