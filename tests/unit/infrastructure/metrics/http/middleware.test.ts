import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { describe, it, mock, type TestContext } from 'node:test';
import fc from 'fast-check';
import Fastify from 'fastify';
import { metricsEndpoint } from '../../../../../src/infrastructure/metrics/http/endpoint.ts';
import { DEFAULT_HTTP_DEFINITIONS } from '../../../../../src/infrastructure/metrics/http/http-definitions.ts';
import { methodLabel } from '../../../../../src/infrastructure/metrics/http/http-metrics.ts';
import { prometheusMiddleware } from '../../../../../src/infrastructure/metrics/http/middleware.ts';
import { MetricsRegistry } from '../../../../../src/infrastructure/metrics/registry.ts';
import { findSample } from '../../../../support/http.ts';
import { until } from '../../../../support/until.ts';

async function build(t: TestContext) {
  const registry = new MetricsRegistry();
  const app = Fastify();
  t.after(() => app.close());
  await app.register(prometheusMiddleware, { registry, service: 's' });
  await app.register(metricsEndpoint, { registry, service: 's' });
  app.get('/users/:id', async () => 'user');
  app.get('/private', { config: { metrics: false } }, async () => 'not counted');
  app.get('/fails', async () => {
    throw new Error('as asked');
  });
  app.get('/hijacked', (_, reply) => {
    reply.hijack();
    reply.raw.end('raw');
  });
  app.get('/hangs', () => new Promise(() => undefined));
  app.get('/streams', (_, reply) => {
    const endless = new Readable({ read() {} });
    endless.push('a first chunk');
    return reply.send(endless);
  });
  const counts = async () => {
    const text = (await registry.render()).body.toString();
    const lines = text.split('\n').filter((line) => line.startsWith('http_requests_total{'));
    return lines.map((line) => line.replace('http_requests_total{service="s",', '{'));
  };
  const inProgress = async () =>
    findSample((await registry.render()).body.toString(), 'http_requests_in_progress', {
      service: 's',
    });
  return { app, counts, inProgress };
}

describe('prometheusMiddleware', () => {
  it('counts by route pattern, method and status', async (t) => {
    const { app, counts, inProgress } = await build(t);
    for (const url of ['/users/1', '/users/2', '/fails']) await app.inject(url);
    await app.inject({ method: 'HEAD', url: '/users/3' });
    assert.deepEqual(await counts(), [
      '{method="GET",endpoint="/users/:id",status="200"} 2',
      '{method="GET",endpoint="/fails",status="500"} 1',
      '{method="HEAD",endpoint="/users/:id",status="200"} 1',
    ]);
    assert.equal(await inProgress(), 0);
  });

  it('counts all unmatched paths in one series', async (t) => {
    const { app, counts } = await build(t);
    await fc.assert(
      fc.asyncProperty(fc.webPath(), async (path) => {
        await app.inject({ method: 'GET', url: `/nowhere${path}` });
      }),
      { numRuns: 50 },
    );
    assert.deepEqual(await counts(), ['{method="GET",endpoint="unmatched",status="404"} 50']);
  });

  it('leaves out /metrics and routes that opt out', async (t) => {
    const { app, counts } = await build(t);
    assert.equal((await app.inject('/private')).statusCode, 200);
    assert.equal((await app.inject('/metrics')).statusCode, 200);
    assert.deepEqual(await counts(), []);
  });

  it('counts a hijacked response once, with the status it sent', async (t) => {
    const { app, counts, inProgress } = await build(t);
    await app.inject('/hijacked');
    assert.deepEqual(await counts(), ['{method="GET",endpoint="/hijacked",status="200"} 1']);
    assert.equal(await inProgress(), 0);
  });

  for (const path of ['/hangs', '/streams']) {
    it(`counts a request to ${path} as 499 when its client leaves, and no longer as in progress`, async (t) => {
      const { app, counts, inProgress } = await build(t);
      await app.listen({ port: 0, host: '127.0.0.1' });
      const { port } = app.server.address() as { port: number }; // a TCP server has one
      const request = httpRequest({ port, path })
        .on('error', () => undefined)
        .end();
      if (path === '/streams') await once(request, 'response');
      await until('the request is in progress', async () => (await inProgress()) === 1);
      request.destroy();
      await until('none is in progress', async () => (await inProgress()) === 0);
      assert.deepEqual(await counts(), [`{method="GET",endpoint="${path}",status="499"} 1`]);
    });
  }

  it('counts each request of a keep-alive connection', async (t) => {
    const { app, counts } = await build(t);
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as { port: number }; // a TCP server has one
    const socket = connect(port, '127.0.0.1');
    let received = '';
    socket.on('data', (chunk) => (received += chunk));
    for (let i = 0; i < 15; i++) socket.write('GET /users/1 HTTP/1.1\r\nHost: a\r\n\r\n');
    await until('all are answered', () => received.split('HTTP/1.1 200').length === 16);
    socket.destroy();
    assert.deepEqual(await counts(), ['{method="GET",endpoint="/users/:id",status="200"} 15']);
  });
});

describe('the options of prometheusMiddleware', () => {
  it('are buckets, classes of statuses and excluded routes', async (t) => {
    const registry = new MetricsRegistry();
    const app = Fastify();
    t.after(() => app.close());
    const options = { buckets: [60], statusLabel: 'class', excludedRoutes: ['/quiet'] } as const;
    await app.register(prometheusMiddleware, { registry, service: 's', ...options });
    app.get('/quiet', async () => 'q');
    await app.inject('/quiet');
    await app.inject('/nowhere');
    const text = await registry.metrics();
    const labels = { service: 's', method: 'GET', endpoint: 'unmatched' };
    assert.equal(findSample(text, 'http_requests_total', { ...labels, status: '4xx' }), 1);
    assert.equal(findSample(text, 'http_request_duration_seconds_bucket', { ...labels, le: '60' }), 1);
    assert.equal(text.match(/duration_seconds_bucket/g)?.length, 2);
    assert.ok(!text.includes('/quiet'));
  });

  it('are definitions, and the id of the trace for the exemplar', async (t) => {
    const registry = new MetricsRegistry();
    const app = Fastify();
    t.after(() => app.close());
    const { count, duration, inProgress } = DEFAULT_HTTP_DEFINITIONS;
    const definitions = {
      count: { ...count, name: 'shop_requests_total' },
      duration: { ...duration, name: 'shop_request_seconds' },
      inProgress: { ...inProgress, name: 'shop_requests_in_progress' },
    };
    const ids = ['a'.repeat(32), undefined, 'too long'.repeat(100)];
    const traceIdOf = () => ids.shift();
    await app.register(prometheusMiddleware, { registry, service: 's', definitions, traceIdOf });
    for (const url of ['/first', '/second', '/third']) await app.inject(url);
    const text = (await registry.render('application/openmetrics-text')).body.toString();
    assert.deepEqual(
      [...text.matchAll(/# \{(.*?)\}/g)].map(([, labels]) => labels),
      [`trace_id="${'a'.repeat(32)}"`],
    );
    assert.equal(findSample(text, 'shop_requests_total', { endpoint: 'unmatched', status: '404' }), 3);
    assert.equal(findSample(text, 'shop_request_seconds_count', { endpoint: 'unmatched' }), 3);
    assert.equal(findSample(text, 'shop_requests_in_progress', { service: 's' }), 0);
  });

  it('may be definitions without exemplars, which then ask for no trace', async (t) => {
    const registry = new MetricsRegistry();
    const app = Fastify();
    t.after(() => app.close());
    const { duration } = DEFAULT_HTTP_DEFINITIONS;
    const definitions = { ...DEFAULT_HTTP_DEFINITIONS, duration: { ...duration, enableExemplars: false } };
    const traceIdOf = mock.fn(() => 'a');
    await app.register(prometheusMiddleware, { registry, service: 's', definitions, traceIdOf });
    await app.inject('/nowhere');
    assert.equal(traceIdOf.mock.callCount(), 0);
    const text = await registry.metrics();
    assert.equal(findSample(text, 'http_request_duration_seconds_count', { service: 's' }), 1);
  });
});

describe('knownStatuses', () => {
  const hosts = (registry: MetricsRegistry) => [
    { registry, labels: { zone: 'a' }, statusLabel: 'class' as const },
    { registry, labels: { isNew: true, nothing: undefined } },
  ];
  const lines = async (registry: MetricsRegistry) =>
    (await registry.metrics()).match(/^http_requests_total\{.*$/gm);

  it('let the series of a route begin at 0, with constant labels of any kind', async (t) => {
    const shown: unknown[] = [];
    for (const index of [0, 1]) {
      const registry = new MetricsRegistry();
      const app = Fastify();
      t.after(() => app.close());
      await app.register(prometheusMiddleware, {
        ...hosts(registry)[index],
        knownStatuses: () => [200, 503],
      });
      app.route({ method: ['GET', 'PUT'], url: '/a', handler: async () => 'a' });
      await app.inject('/a');
      shown.push(await lines(registry));
    }
    const [classes, odd] = shown;
    const labels = (method: string, rest: string) =>
      `http_requests_total{method="${method}",endpoint="/a",${rest}`;
    assert.deepEqual(classes, [
      labels('GET', 'status="2xx",zone="a"} 1'),
      labels('GET', 'status="5xx",zone="a"} 0'),
      labels('PUT', 'status="2xx",zone="a"} 0'),
      labels('PUT', 'status="5xx",zone="a"} 0'),
    ]);
    assert.deepEqual(odd, [
      labels('GET', 'status="200",isNew="true",nothing=""} 1'),
      labels('GET', 'status="503",isNew="true",nothing=""} 0'),
      labels('PUT', 'status="200",isNew="true",nothing=""} 0'),
      labels('PUT', 'status="503",isNew="true",nothing=""} 0'),
    ]);
  });

  it('create nothing while a label depends on the request, and when the function throws', async (t) => {
    for (const options of [
      { labels: { tenant: () => 'x' }, knownStatuses: () => [200] },
      {
        knownStatuses: () => {
          throw new Error('no');
        },
      },
    ]) {
      const registry = new MetricsRegistry();
      const app = Fastify();
      t.after(() => app.close());
      await app.register(prometheusMiddleware, { registry, ...options });
      app.get('/a', async () => 'a');
      assert.equal((await app.inject('/a')).statusCode, 200);
      assert.equal((await lines(registry))?.length, 1);
    }
  });
});

describe('methodLabel', () => {
  it("is one of HTTP's methods or other", () => {
    assert.deepEqual(
      ['GET', 'PATCH', 'PROPFIND', 'get'].map((method) => methodLabel(method)),
      ['GET', 'PATCH', 'other', 'other'],
    );
  });
});
