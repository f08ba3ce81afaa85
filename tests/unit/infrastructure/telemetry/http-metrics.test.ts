import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, it } from 'node:test';
import Fastify from 'fastify';
import {
  instrumentHttpServer,
  MetricsRegistry,
  metricsEndpoint,
  metricsHandler,
  prometheusMiddleware,
} from '../../../../src/infrastructure/metrics/index.ts';
import { findSample } from '../../../support/http.ts';

const service = 's';
const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const headers = { traceparent: `00-${TRACE_ID}-00f067aa0ba902b7-01` };

describe("the library's HTTP parts under asdlc's names", () => {
  it('count in the metrics of the catalogue, with Fastify', async (t) => {
    const registry = new MetricsRegistry();
    const app = Fastify();
    t.after(() => app.close());
    await app.register(prometheusMiddleware, { registry, service });
    await app.register(metricsEndpoint, { registry, service });
    app.get('/users/:id', async () => 'user');
    await app.inject('/users/1');
    await app.inject('/metrics');
    const text = await registry.metrics();
    const labels = { service, method: 'GET', endpoint: '/users/:id' };
    assert.equal(findSample(text, 'asdlc_http_requests_total', { ...labels, status: '200' }), 1);
    assert.equal(findSample(text, 'asdlc_http_request_duration_seconds_count', labels), 1);
    assert.equal(findSample(text, 'asdlc_http_requests_in_progress', { service }), 0);
    assert.equal(findSample(text, 'asdlc_metrics_scrapes_total', { service, code: '200' }), 1);
    assert.equal(findSample(text, 'asdlc_metrics_scrape_duration_seconds_count', { service }), 1);
  });

  it('begin at 0 for each route: its good statuses, 500 and 503', async (t) => {
    const registry = new MetricsRegistry();
    const app = Fastify();
    t.after(() => app.close());
    await app.register(prometheusMiddleware, { registry, service });
    app.get('/page', async () => 'page');
    const response = { 202: { type: 'object' }, 400: { type: 'object' }, 504: { type: 'object' } };
    await app.register(
      async (scope) => {
        scope.post('/:id', { schema: { response } }, async () => ({}));
        scope.get('/hidden', { config: { metrics: false } }, async () => 'hidden');
      },
      { prefix: '/tasks' },
    );
    await app.ready();
    const counts = (await registry.metrics()).match(/^asdlc_http_requests_total\{.*$/gm);
    const lines = (labels: string, statuses: number[]) =>
      statuses.map((status) => `asdlc_http_requests_total{service="s",${labels},status="${status}"} 0`);
    assert.deepEqual(counts, [
      ...lines('method="GET",endpoint="/page"', [200, 500, 503]),
      ...lines('method="POST",endpoint="/tasks/:id"', [202, 500, 503, 504]),
    ]);
    const timed = { service, method: 'POST', endpoint: '/tasks/:id' };
    assert.equal(findSample(await registry.metrics(), 'asdlc_http_request_duration_seconds_count', timed), 0);
  });

  it('count in the metrics of the catalogue, with node:http, and take exemplars from traceparent', async (t) => {
    const registry = new MetricsRegistry();
    const server = createServer(metricsHandler({ registry, service })).listen(0, '127.0.0.1');
    instrumentHttpServer(server, { registry, service, endpointOf: () => '/metrics' });
    await once(server, 'listening');
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    const url = `http://127.0.0.1:${(server.address() as { port: number }).port}/metrics`; // a TCP server has one
    await (await fetch(url, { headers })).arrayBuffer();
    await (await fetch(url, { headers: { traceparent: 'not valid' } })).arrayBuffer();
    const text = (await registry.render('application/openmetrics-text')).body.toString();
    assert.equal(findSample(text, 'asdlc_http_requests_total', { endpoint: '/metrics', status: '200' }), 2);
    assert.equal(findSample(text, 'asdlc_metrics_scrapes_total', { service, code: '200' }), 2);
    assert.deepEqual(
      [...text.matchAll(/# \{(.*?)\}/g)].map(([, labels]) => labels),
      [`trace_id="${TRACE_ID}"`],
    );
  });
});
