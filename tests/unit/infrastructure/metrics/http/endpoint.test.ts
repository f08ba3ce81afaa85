import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import Fastify, { type FastifyRequest } from 'fastify';
import { acceptsGzip } from '../../../../../src/infrastructure/metrics/http/compression.ts';
import { metricsEndpoint } from '../../../../../src/infrastructure/metrics/http/endpoint.ts';
import {
  instrumentHttpServer,
  metricsHandler,
} from '../../../../../src/infrastructure/metrics/http/node-http.ts';
import { DEFAULT_SCRAPE_DEFINITIONS } from '../../../../../src/infrastructure/metrics/http/scrape-handler.ts';
import { Counter } from '../../../../../src/infrastructure/metrics/instruments/counter.ts';
import { MetricsRegistry } from '../../../../../src/infrastructure/metrics/registry.ts';
import { findSample, request } from '../../../../support/http.ts';

const service = 's';

function createRegistry(): MetricsRegistry {
  const registry = new MetricsRegistry();
  const jobs = new Counter({
    name: 'jobs_total',
    help: 'Jobs.',
    labelNames: ['kind'],
    registers: [registry],
  });
  for (let i = 0; i < 100; i++) jobs.inc({ kind: `kind ${i}` });
  new Counter({ name: 'other_total', help: 'Others.', registers: [registry] });
  return registry;
}

async function build(t: TestContext, registry = createRegistry()) {
  const app = Fastify();
  t.after(() => app.close());
  await app.register(metricsEndpoint, { registry, service });
  return app;
}

async function listen(t: TestContext, listener?: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, url: `http://127.0.0.1:${(server.address() as { port: number }).port}` }; // a TCP server has one
}

describe('metricsEndpoint', () => {
  it('serves text 0.0.4, and OpenMetrics when the client prefers it', async (t) => {
    const app = await build(t);
    const text = await app.inject('/metrics');
    assert.equal(text.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
    assert.match(text.body, /^jobs_total\{kind="kind 7"\} 1$/m);
    const accept = 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5';
    const open = await app.inject({ url: '/metrics', headers: { accept } });
    assert.equal(open.headers['content-type'], 'application/openmetrics-text; version=1.0.0; charset=utf-8');
    assert.ok(open.body.endsWith('# EOF\n'));
    assert.equal(open.headers.vary, 'accept, accept-encoding');
  });

  it('compresses for clients that accept gzip, and only for them', async (t) => {
    const app = await build(t);
    const compressed = await app.inject({
      url: '/metrics',
      headers: { 'accept-encoding': 'br, gzip;q=0.5' },
    });
    assert.equal(compressed.headers['content-encoding'], 'gzip');
    assert.match(gunzipSync(compressed.rawPayload).toString(), /^jobs_total\{kind="kind 7"\} 1$/m);
    const plain = await app.inject({ url: '/metrics', headers: { 'accept-encoding': 'gzip;q=0' } });
    assert.equal(plain.headers['content-encoding'], undefined);
  });

  it('serves HEAD without a body, and some metrics by name', async (t) => {
    const app = await build(t);
    const head = await app.inject({ method: 'HEAD', url: '/metrics' });
    assert.deepEqual([head.statusCode, head.body], [200, '']);
    const some = await app.inject('/metrics?name[]=other_total&name[]=nothing');
    assert.deepEqual(
      some.body.split('\n').filter((line) => !line.startsWith('#')),
      ['other_total 0', ''],
    );
  });

  it("gives collectors less than the scraper's own time limit", async (t) => {
    const errors: string[] = [];
    const registry = new MetricsRegistry({ onCollectorError: (_, error) => errors.push(String(error)) });
    new Counter({ name: 'other_total', help: 'Others.', registers: [registry] });
    registry.addCollector({ name: 'hangs', collect: () => new Promise(() => undefined) });
    const app = await build(t, registry);
    const headers = { 'x-prometheus-scrape-timeout-seconds': '0.2' };
    const answer = await app.inject({ url: '/metrics', headers });
    assert.deepEqual([answer.statusCode, errors], [200, ['Error: expected hangs within 160 ms']]);
    assert.match(answer.body, /^other_total 0$/m);
  });

  it('counts and times scrapes by status, also refused ones', async (t) => {
    const registry = createRegistry();
    const app = Fastify();
    t.after(() => app.close());
    const authorize = async ({ headers }: FastifyRequest) => {
      if (!headers.authorization) throw Object.assign(new Error('no'), { statusCode: 401 });
    };
    await app.register(metricsEndpoint, { registry, service, authorize });
    await app.inject('/metrics');
    for (let i = 0; i < 3; i++) await app.inject({ url: '/metrics', headers: { authorization: 'x' } });
    const text = await registry.metrics();
    assert.equal(findSample(text, 'metrics_scrapes_total', { service, code: '401' }), 1);
    assert.equal(findSample(text, 'metrics_scrapes_total', { service, code: '200' }), 3);
    assert.equal(findSample(text, 'metrics_scrape_duration_seconds_count', { service }), 4);
  });

  it('counts in the metrics of its definitions', async (t) => {
    const registry = createRegistry();
    const app = Fastify();
    t.after(() => app.close());
    const { count, duration } = DEFAULT_SCRAPE_DEFINITIONS;
    const definitions = {
      count: { ...count, name: 'shop_scrapes_total' },
      duration: { ...duration, name: 'shop_scrape_seconds' },
    };
    await app.register(metricsEndpoint, { registry, service, definitions });
    await app.inject('/metrics');
    const text = await registry.metrics();
    assert.equal(findSample(text, 'shop_scrapes_total', { service, code: '200' }), 1);
    assert.equal(findSample(text, 'shop_scrape_seconds_count', { service }), 1);
  });
});

describe('metricsHandler and instrumentHttpServer', () => {
  it('serve and count a plain node:http server', async (t) => {
    const registry = createRegistry();
    const metrics = metricsHandler({ registry, service });
    const { server, url } = await listen(t, (request, response) => {
      if (request.url?.startsWith('/metrics')) metrics(request, response);
      else response.writeHead(204).end();
    });
    const endpointOf = ({ url = '' }: IncomingMessage) =>
      url.startsWith('/metrics') ? undefined : url.startsWith('/users/') ? '/users/:id' : 'unmatched';
    instrumentHttpServer(server, { registry, service, endpointOf, statusLabel: 'class', buckets: [1, 2] });
    for (const path of ['/users/1', '/users/2', '/x']) await fetch(url + path);
    const { body, headers } = await request(`${url}/metrics`);
    assert.equal(headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    const labels = { service, method: 'GET', endpoint: '/users/:id' };
    assert.equal(findSample(body, 'http_requests_total', { ...labels, status: '2xx' }), 2);
    assert.equal(findSample(body, 'http_requests_total', { endpoint: 'unmatched', status: '2xx' }), 1);
    assert.equal(findSample(body, 'http_request_duration_seconds_bucket', { ...labels, le: '1' }), 2);
    assert.equal(findSample(body, 'http_requests_in_progress', { service }), 0);
    const head = await fetch(`${url}/metrics?name[]=other_total`, { method: 'HEAD' });
    const exposition = '# HELP other_total Others.\n# TYPE other_total counter\nother_total 0\n';
    assert.equal(Number(head.headers.get('content-length')), exposition.length);
    assert.equal((await fetch(`${url}/metrics`, { method: 'POST' })).status, 405);
  });

  it('count endpoints past the limit in one series', async (t) => {
    const registry = createRegistry();
    const { server, url } = await listen(t, (_, response) => response.end());
    instrumentHttpServer(server, { registry, service, endpointOf: (request) => request.url });
    for (let i = 0; i < 1_010; i++) await (await fetch(`${url}/${i}`)).arrayBuffer();
    const text = await registry.metrics();
    assert.equal(text.match(/^http_requests_total\{/gm)?.length, 1_001);
    assert.equal(findSample(text, 'http_requests_total', { endpoint: '_overflow' }), 10);
  });
});

describe('acceptsGzip', () => {
  it('follows RFC 9110', () => {
    const cases: [string | undefined, boolean][] = [
      [undefined, false],
      ['', false],
      ['gzip', true],
      ['GZIP', true],
      ['deflate, gzip;q=1.0, *;q=0.5', true],
      ['*', true],
      ['gzip;q=0, *', false],
      ['identity', false],
      ['xgzip', false],
    ];
    for (const [header, accepted] of cases) assert.equal(acceptsGzip(header), accepted, header);
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => typeof acceptsGzip(text) === 'boolean'));
  });
});
