import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { packageVersion } from '../../src/shared/package.ts';
import { findSample, post, request, sample } from '../support/http.ts';
import { type RunningServer, startOrchestrator, startRedis } from '../support/processes.ts';
import { checkMetrics, lintFindings } from '../support/promtool.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

const service = 'asdlc-orchestrator';

describe('metrics of the orchestrator', () => {
  const scope = suiteScope();
  let redis: RunningServer;
  let url: string;

  before(async () => {
    redis = await startRedis(scope);
    url = (await startOrchestrator(scope, { REDIS_URL: redis.url })).url;
  });

  it('are served in the text format with status 200, without a token', async (t) => {
    await request(`${url}/metrics`);
    const startedAt = performance.now();
    const { status, headers, body } = await request(`${url}/metrics`);
    t.diagnostic(`GET /metrics took ${(performance.now() - startedAt).toFixed(1)} ms`);
    assert.equal(status, 200);
    assert.equal(headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    assert.ok(body.endsWith('\n'));
    assert.equal((await request(`${url}/metrics`, { method: 'HEAD' })).status, 200);
  });

  it('show the version that runs', async () => {
    assert.equal(await sample(url, 'asdlc_service_info', { service, version: packageVersion() }), 1);
  });

  it('count and time requests by route pattern, and all unknown paths together', async () => {
    const labels = { service, method: 'GET', endpoint: '/api/tasks/:id' };
    for (const id of ['a', 'b', 'c']) await request(`${url}/api/tasks/${id}`);
    for (const path of ['x', 'y', 'z']) await request(`${url}/${path}`);
    const { body } = await request(`${url}/metrics`);
    assert.equal(findSample(body, 'asdlc_http_requests_total', { ...labels, status: '404' }), 3);
    assert.equal(findSample(body, 'asdlc_http_request_duration_seconds_count', labels), 3);
    assert.ok(Number(findSample(body, 'asdlc_http_request_duration_seconds_sum', labels)) > 0);
    assert.equal(
      findSample(body, 'asdlc_http_request_duration_seconds_bucket', { ...labels, le: '+Inf' }),
      3,
    );
    assert.equal(findSample(body, 'asdlc_http_requests_total', { endpoint: 'unmatched', status: '404' }), 3);
    assert.equal(findSample(body, 'asdlc_http_requests_in_progress', { service }), 0);
    assert.ok(!body.includes('endpoint="/metrics"'));
  });

  it('time Redis commands, and show memory and CPU', async () => {
    await post(`${url}/api/tasks`, { event_type: 'echo' });
    const { body } = await request(`${url}/metrics`);
    assert.ok(
      Number(findSample(body, 'asdlc_redis_operation_duration_seconds_count', { operation: 'evalsha' })) > 0,
    );
    assert.ok(Number(findSample(body, 'asdlc_process_memory_bytes', { service, type: 'rss' })) > 1e7);
    assert.ok(Number(findSample(body, 'asdlc_process_memory_bytes', { service, type: 'vms' })) > 1e8);
    const cpu = Number(findSample(body, 'asdlc_process_cpu_seconds_total', { service }));
    assert.ok(cpu > 0);
    await until(
      'CPU time grows',
      async () => Number(await sample(url, 'asdlc_process_cpu_seconds_total')) > cpu,
    );
  });

  it('pass promtool and metrics-lint without a complaint', async () => {
    const { body } = await request(`${url}/metrics`);
    assert.deepEqual(await checkMetrics(body), []);
    assert.deepEqual(await lintFindings(`${url}/metrics`), []);
  });

  it('require the token when one is set', async () => {
    const env = { REDIS_URL: redis.url, METRICS_TOKEN: 'metrics-secret', API_TOKEN: 'api-secret-1' };
    const guarded = (await startOrchestrator(scope, env)).url;
    const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
    assert.equal((await request(`${guarded}/metrics`)).status, 401);
    assert.equal((await request(`${guarded}/metrics`, bearer('api-secret-2'))).status, 401);
    assert.equal((await request(`${guarded}/metrics`, bearer('api-secret-1'))).status, 200);
    assert.equal((await request(`${guarded}/metrics`, bearer('metrics-secret'))).status, 200);
    assert.equal((await request(`${guarded}/api/tasks`)).body.code, 'ASDLC_UNAUTHORIZED');
    assert.equal((await request(`${guarded}/api/metrics/health`)).body.errorType, 'unauthorized');
    assert.equal((await request(`${guarded}/api/tasks`, bearer('api-secret-1'))).status, 200);
    assert.equal((await request(`${guarded}/health/live`)).status, 200);
  });

  it('show that Redis is gone and that it is back', async () => {
    assert.equal(await sample(url, 'asdlc_redis_connection_up', { service }), 1);
    assert.equal(await sample(url, 'asdlc_active_tasks', { service }), 0);
    await redis.stop('SIGKILL');
    await until('up is 0', async () => (await sample(url, 'asdlc_redis_connection_up', { service })) === 0);
    assert.equal(await sample(url, 'asdlc_active_tasks', { service }), undefined);
    assert.ok(Number(await sample(url, 'asdlc_metrics_collector_errors_total', { collector: 'queue' })) > 0);
    redis = await startRedis(scope, redis.port);
    await until('up is 1', async () => (await sample(url, 'asdlc_redis_connection_up', { service })) === 1);
  });
});
