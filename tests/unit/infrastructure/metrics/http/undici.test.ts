import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import { request as undiciRequest } from 'undici';
import { instrumentHttpClient } from '../../../../../src/infrastructure/metrics/http/undici.ts';
import { MetricsRegistry } from '../../../../../src/infrastructure/metrics/registry.ts';
import { findSample } from '../../../../support/http.ts';
import { listenOn } from '../../../../support/http-counts.ts';
import { until } from '../../../../support/until.ts';

async function build(t: TestContext) {
  const url = await listenOn(
    t,
    createServer((request, response) => {
      if (request.url === '/hangs') return;
      if (request.url === '/breaks') {
        response.write('a');
        setImmediate(() => response.destroy());
        return;
      }
      response.writeHead(request.url === '/fails' ? 503 : 200).end('ok');
    }),
  );
  const registry = new MetricsRegistry();
  return { url, host: new URL(url).host, registry };
}

describe('instrumentHttpClient', () => {
  it('counts and times what fetch and undici send', async (t) => {
    const { url, host, registry } = await build(t);
    const stop = instrumentHttpClient({ registry });
    t.after(stop);
    await (await fetch(`${url}/a`)).text();
    await (await undiciRequest(`${url}/b`, { method: 'POST' })).body.text();
    await (await fetch(`${url}/fails`)).text();
    await assert.rejects(fetch(`${url}/breaks`).then((answer) => answer.text()));
    const abort = new AbortController();
    const hanging = fetch(`${url}/hangs`, { signal: abort.signal });
    await until('it is in progress', async () => {
      const text = await registry.metrics();
      return findSample(text, 'http_client_requests_in_progress', { host }) === 1;
    });
    abort.abort();
    await assert.rejects(hanging);
    await assert.rejects(fetch('http://127.0.0.1:1/'));
    const text = await until('none is in progress', async () => {
      const now = await registry.metrics();
      return findSample(now, 'http_client_requests_in_progress', { host }) === 0 && now;
    });
    const count = (labels: Record<string, string>) => findSample(text, 'http_client_requests_total', labels);
    assert.equal(count({ host, method: 'GET', status: '200' }), 1);
    assert.equal(count({ host, method: 'POST', status: '200' }), 1);
    assert.equal(count({ host, method: 'GET', status: '503' }), 1);
    assert.equal(count({ host, method: 'GET', status: 'error' }), 1);
    assert.equal(count({ host, method: 'GET', status: '499' }), 1);
    assert.equal(findSample(text, 'http_client_request_duration_seconds_count', { host, method: 'POST' }), 1);
    stop();
    await (await fetch(`${url}/a`)).text();
    assert.equal(await registry.metrics(), text);
  });

  it('has OpenTelemetry’s conventions as a preset', async (t) => {
    const { url, registry } = await build(t);
    const stop = instrumentHttpClient({ registry, preset: 'opentelemetry', service: 's' });
    t.after(stop);
    await (await fetch(`${url}/fails`, { method: 'PURGE' })).text();
    const { hostname, port } = new URL(url);
    const labels = {
      service: 's',
      http_request_method: '_OTHER',
      server_address: hostname,
      server_port: port,
      url_scheme: 'http',
      http_response_status_code: '503',
      error_type: '503',
    };
    const text = await registry.metrics();
    assert.equal(findSample(text, 'http_client_request_duration_seconds_count', labels), 1);
    assert.doesNotMatch(text, /http_client_requests_total/);
  });
});
