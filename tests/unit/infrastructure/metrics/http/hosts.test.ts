import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, createServer as createHttp2Server, type Http2Server } from 'node:http2';
import { describe, it, type TestContext } from 'node:test';
import Fastify, { type FastifyInstance } from 'fastify';
import { metricsEndpoint } from '../../../../../src/infrastructure/metrics/http/endpoint.ts';
import { prometheusMiddleware } from '../../../../../src/infrastructure/metrics/http/middleware.ts';
import {
  instrumentHttpServer,
  setEndpoint,
} from '../../../../../src/infrastructure/metrics/http/node-http.ts';
import { MetricsRegistry } from '../../../../../src/infrastructure/metrics/registry.ts';
import { findSample } from '../../../../support/http.ts';
import { listenOn, requestCounts } from '../../../../support/http-counts.ts';
import { until } from '../../../../support/until.ts';

/* What the host's settings may be, and the metrics still work. */

async function use(t: TestContext, app: FastifyInstance, options: object = {}) {
  const registry = new MetricsRegistry();
  t.after(() => app.close());
  await app.register(prometheusMiddleware, { registry });
  await app.register(metricsEndpoint, { registry, ...options });
  app.get('/users/:id', async () => 'user');
  return registry;
}

describe('the plugins for Fastify', () => {
  it('work without coercion, and without exposed HEAD routes', async (t) => {
    const app = Fastify({ exposeHeadRoutes: false, ajv: { customOptions: { coerceTypes: false } } });
    await use(t, app);
    const some = await app.inject('/metrics?name[]=metrics_scrapes_total');
    assert.match(some.body, /^# HELP metrics_scrapes_total/);
    assert.equal((await app.inject({ method: 'HEAD', url: '/metrics' })).statusCode, 200);
  });

  it('work with any schema compilers and any parser of queries', async (t) => {
    const app = Fastify({ routerOptions: { querystringParser: () => ({ name: 5 }) } });
    app.setValidatorCompiler(() => {
      throw new Error('expected schemas of another kind');
    });
    app.setSerializerCompiler(() => {
      throw new Error('expected schemas of another kind');
    });
    await use(t, app);
    const some = await app.inject('/metrics?name[]=metrics_scrapes_total&name[]=none');
    assert.match(some.body, /^# HELP metrics_scrapes_total/);
    assert.doesNotMatch(some.body, /http_requests/);
  });

  it('take a path and a prefix, and do not count their own endpoint', async (t) => {
    const app = Fastify();
    const registry = await use(t, app, { prefix: '/internal', path: '/prometheus' });
    await app.register(
      async (child) => {
        await child.register(metricsEndpoint, { registry });
      },
      { prefix: '/below' },
    );
    for (const url of ['/internal/prometheus', '/below/metrics']) {
      assert.equal((await app.inject(url)).statusCode, 200, url);
    }
    assert.equal((await app.inject('/users/1')).statusCode, 200);
    assert.deepEqual(await requestCounts(registry), ['GET /users/:id 200 1']);
  });

  it('are two on one registry, with buckets', async () => {
    const registry = new MetricsRegistry();
    for (const service of ['a', 'b']) {
      const app = Fastify();
      await app.register(prometheusMiddleware, { registry, service, buckets: [1, 2] });
      await app.register(metricsEndpoint, { registry, service });
      await app.inject('/nowhere');
      await app.close();
    }
    const text = await registry.metrics();
    for (const service of ['a', 'b'])
      assert.equal(findSample(text, 'http_requests_total', { service, status: '404' }), 1);
    const other = Fastify();
    await assert.rejects(
      async () => other.register(prometheusMiddleware, { registry, service: 'c', buckets: [3] }),
      /expected one definition of http_request_duration_seconds/,
    );
  });
});

describe('the options of the HTTP metrics', () => {
  it('are names, a prefix for them, further labels, and no service', async (t) => {
    const registry = new MetricsRegistry();
    const server = createServer((request, response) => {
      setEndpoint(response, `/shops/:shop`);
      response.statusCode = request.url === '/shops/9' ? 404 : 200;
      response.end();
    });
    instrumentHttpServer(server, {
      registry,
      namePrefix: 'shop_',
      names: { duration: 'request_seconds' },
      labels: {
        zone: 'z',
        tenant: ({ headers }) => headers.tenant as string | undefined,
        broken: () => {
          throw new Error('as asked');
        },
      },
    });
    const url = await listenOn(t, server);
    await (await fetch(`${url}/shops/1`, { headers: { tenant: 'a"b' } })).text();
    await (await fetch(`${url}/shops/9`)).text();
    const text = await until('both are counted', async () => {
      const now = await registry.metrics();
      return now.includes('status="404"') && now;
    });
    const lines = text.split('\n').filter((line) => /^shop_(?:http|request_seconds_count)/.test(line));
    assert.deepEqual(lines, [
      'shop_http_requests_total{method="GET",endpoint="/shops/:shop",status="200",zone="z",tenant="a\\"b",broken=""} 1',
      'shop_http_requests_total{method="GET",endpoint="/shops/:shop",status="404",zone="z",tenant="",broken=""} 1',
      'shop_request_seconds_count{method="GET",endpoint="/shops/:shop",zone="z",tenant="a\\"b",broken=""} 1',
      'shop_request_seconds_count{method="GET",endpoint="/shops/:shop",zone="z",tenant="",broken=""} 1',
      'shop_http_requests_in_progress 0',
    ]);
  });

  it('have OpenTelemetry’s conventions as a preset', async (t) => {
    const registry = new MetricsRegistry();
    const server = createServer((_, response) => response.writeHead(503).end());
    instrumentHttpServer(server, { registry, preset: 'opentelemetry', endpointOf: () => '/a' });
    const url = await listenOn(t, server);
    await (await fetch(url, { method: 'PURGE' })).text();
    const labels = {
      http_request_method: '_OTHER',
      http_route: '/a',
      http_response_status_code: '503',
      url_scheme: 'http',
      network_protocol_version: '1.1',
      error_type: '503',
    };
    const text = await until('it is counted', async () => {
      const now = await registry.metrics();
      return now.includes('error_type') && now;
    });
    assert.equal(findSample(text, 'http_server_request_duration_seconds_count', labels), 1);
    const active = { http_request_method: '_OTHER', url_scheme: 'http' };
    assert.equal(findSample(text, 'http_server_active_requests', active), 0);
    assert.doesNotMatch(text, /http_requests_total|service=/);
  });
});

describe('HTTP/2', () => {
  const hosts: Record<string, (t: TestContext, registry: MetricsRegistry) => Promise<Http2Server>> = {
    'node:http2': async (_, registry) => {
      const server = createHttp2Server((request, response) => {
        if (request.url === '/streams') response.write('a');
        if (request.url === '/answers') response.end('x'.repeat(100_000));
      });
      instrumentHttpServer(server, { registry, endpointOf: ({ url }) => url });
      return server;
    },
    Fastify: async (t, registry) => {
      const app = Fastify({ http2: true });
      t.after(() => app.close());
      await app.register(prometheusMiddleware, { registry });
      app.get('/hangs', () => new Promise(() => undefined));
      app.get('/answers', async () => 'x'.repeat(100_000));
      app.get('/streams', (_, reply) => {
        reply.hijack();
        reply.raw.write('a');
      });
      await app.ready();
      return app.server;
    },
  };

  for (const [name, create] of Object.entries(hosts)) {
    it(`counts what a client cancels as 499, by one stream or by the session, in ${name}`, async (t) => {
      const registry = new MetricsRegistry();
      const server = await create(t, registry);
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      t.after(() => server.close());
      const { port } = server.address() as { port: number }; // a TCP server has one
      const session = connect(`http://127.0.0.1:${port}`);
      session.on('error', () => undefined);
      const open = (path: string) => {
        const stream = session.request({ ':path': path });
        stream.on('error', () => undefined).resume();
        return stream;
      };
      const inProgress = (count: number) =>
        until(`${count} are in progress`, async () =>
          (await registry.metrics()).includes(`http_requests_in_progress ${count}\n`),
        );
      await once(open('/answers'), 'close');
      const [hanging, streaming] = [open('/hangs'), open('/streams')];
      await inProgress(2);
      hanging.close(8);
      await inProgress(1);
      streaming.close(8);
      await inProgress(0);
      open('/hangs');
      await inProgress(1);
      session.destroy();
      assert.deepEqual(await requestCounts(registry), [
        'GET /answers 200 1',
        'GET /hangs 499 2',
        'GET /streams 499 1',
      ]);
    });
  }
});
