import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Redis } from 'ioredis';
import { findSample, post, request, runTask, sample, taskIn } from '../support/http.ts';
import { startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { checkMetrics, lintFindings } from '../support/promtool.ts';
import { adminOf } from '../support/redis-servers.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

const service = 'asdlc-workers';

describe('metrics of the workers', () => {
  const scope = suiteScope();
  let url: string;
  let tasks: string;
  let admin: Redis;

  before(async () => {
    const redis = await startRedis(scope);
    admin = adminOf(scope, redis.url);
    const env = { REDIS_URL: redis.url, TASK_RETRY_DELAY: '0.05', UNKNOWN_TYPE_GRACE: '0.2' };
    [url, tasks] = (
      await Promise.all([
        startWorkers(scope, { ...env, WORKER_POOL_SIZE: '4' }),
        startOrchestrator(scope, env),
      ])
    ).map((server) => server.url) as [string, string]; // two were started
  });

  it('serves the text format, and promtool finds no fault in it', async (t) => {
    await request(`${url}/metrics`);
    const startedAt = performance.now();
    const { status, headers, body } = await request(`${url}/metrics`);
    t.diagnostic(`GET /metrics took ${(performance.now() - startedAt).toFixed(1)} ms`);
    assert.equal(status, 200);
    assert.equal(headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    assert.equal(findSample(body, 'asdlc_redis_connection_up', { service }), 1);
    assert.deepEqual(await checkMetrics(body), []);
    assert.deepEqual(await lintFindings(`${url}/metrics`), []);
  });

  it('counts attempts by event type and outcome, and types without a handler as unknown', async () => {
    await runTask(tasks, { event_type: 'echo' });
    await runTask(tasks, { event_type: 'fail', max_attempts: 3 });
    await runTask(tasks, { event_type: 'invented.1' });
    await runTask(tasks, { event_type: 'invented.2' });
    const { body } = await request(`${url}/metrics`);
    const processed = (event_type: string, status: string) =>
      findSample(body, 'asdlc_events_processed_total', { service, event_type, status });
    assert.equal(processed('echo', 'success'), 1);
    assert.equal(processed('fail', 'failed'), 3);
    assert.equal(processed('unknown', 'failed'), 2);
    assert.ok(!body.includes('invented'));
    const stats = (await request(`${url}/stats`)).body;
    assert.deepEqual([stats.events_processed, stats.events_succeeded, stats.events_failed], [6, 1, 5]);
  });

  it('shows as many busy slots as /stats while tasks run, and none after', async () => {
    const sent = await post(`${tasks}/api/tasks/batch`, {
      tasks: [1, 2, 3].map(() => ({ event_type: 'slow', payload: { ms: 700 } })),
    });
    await until(
      'three slots are busy',
      async () => (await sample(url, 'asdlc_active_workers', { service })) === 3,
    );
    const { body: stats } = await request(`${url}/stats`);
    assert.deepEqual([stats.state, stats.concurrency_limit, stats.active_workers], ['running', 4, 3]);
    for (const server of [url, tasks]) assert.equal(await sample(server, 'asdlc_active_tasks'), 3);
    for (const { id } of sent.body.tasks) await taskIn(tasks, id, ['completed']);
    await until(
      'no slot is busy',
      async () => (await sample(url, 'asdlc_active_workers', { service })) === 0,
    );
    assert.equal(await sample(url, 'asdlc_active_tasks', { service }), 0);
  });

  it('serves health, readiness and liveness', async () => {
    const { status, body } = await request(`${url}/health`);
    assert.deepEqual([status, body.status, body.service], [200, 'healthy', service]);
    assert.deepEqual([body.checks.redis.status, body.checks.pool.status], ['up', 'up']);
    assert.equal((await request(`${url}/health/ready`)).body.status, 'ready');
    assert.deepEqual((await request(`${url}/health/live`)).body, { status: 'live' });
  });

  it('reads the queue once for concurrent scrapes', async () => {
    const reads = async () =>
      Number(/cmdstat_eval:calls=(\d+)/.exec(await admin.info('commandstats'))?.[1] ?? 0);
    const before = await reads();
    await Promise.all(Array.from({ length: 100 }, () => request(`${url}/metrics`)));
    const count = (await reads()) - before;
    assert.ok(count >= 1 && count <= 60, `${count} reads for 100 scrapes`);
  });

  it('counts its own HTTP requests', async () => {
    await request(`${url}/stats`);
    const labels = { service, method: 'GET', endpoint: '/stats', status: '200' };
    assert.ok(Number(await sample(url, 'asdlc_http_requests_total', labels)) > 0);
  });
});
