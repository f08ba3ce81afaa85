import assert from 'node:assert/strict';
import { before, describe, it, type TestContext } from 'node:test';
import type { Redis } from 'ioredis';
import { post, request, sample, taskIn } from '../support/http.ts';
import { startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { adminOf } from '../support/redis-servers.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

describe('submissions of tasks', () => {
  const scope = suiteScope();
  let admin: Redis;
  let url: string;

  before(async () => {
    const redis = await startRedis(scope);
    admin = adminOf(scope, redis.url);
    await admin.zadd('{asdlc}:event-types', '1', 'of.old');
    const env = { REDIS_URL: redis.url, TASK_RETRY_DELAY: '0.05' };
    await startWorkers(scope, env);
    url = (await startOrchestrator(scope, env)).url;
  });

  const enqueued = (event_type: string, result: string) =>
    sample(url, 'asdlc_events_enqueued_total', { event_type, result });
  /** Leaves Redis memory for about two hundred tasks of 1 kB. */
  const limitMemory = async (t: TestContext) => {
    t.after(() => admin.config('SET', 'maxmemory', '0'));
    const used = Number(/used_memory:(\d+)/.exec(await admin.info('memory'))?.[1]);
    await admin.config('SET', 'maxmemory', String(used + 400_000));
  };
  const batch = { tasks: Array(1_000).fill({ event_type: 'echo', payload: 'x'.repeat(1_000) }) };
  const queued = async () => (await request(`${url}/api/queue`)).body.tasks.waiting;

  it('are counted under their event type, also the first ones of many at once', async () => {
    await Promise.all(Array.from({ length: 50 }, () => post(`${url}/api/tasks`, { event_type: 'echo' })));
    await until('all are counted', async () => (await enqueued('echo', 'accepted')) === 50);
    assert.equal(await enqueued('unknown', 'accepted'), 0);
  });

  it("know the workers' event types by Redis's clock, and forget those of workers that are gone", async () => {
    const scores = await admin.zrange('{asdlc}:event-types', '0', '-1', 'WITHSCORES');
    assert.ok(!scores.includes('of.old'));
    const [seconds] = await admin.time();
    const announced = Number(scores[scores.indexOf('echo') + 1]) / 1000;
    assert.ok(Number(seconds) - announced < 60 && Number.isInteger(announced), String(announced));
  });

  it('count one task as accepted when it comes several times at once under one key', async () => {
    const headers = { 'idempotency-key': 'at once' };
    const task = { event_type: 'trace' };
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => post(`${url}/api/tasks`, task, headers)),
    );
    assert.ok(answers.every(({ status }) => status === 202));
    await until('all are counted', async () => (await enqueued('trace', 'duplicate')) === 9);
    assert.equal(await enqueued('trace', 'accepted'), 1);
  });

  it('are refused at once while thousands of tasks are under way, and queue nothing then', async () => {
    await post(`${url}/api/queue/pause`, {});
    const before = await queued();
    await admin.call('CLIENT', 'PAUSE', '60000', 'WRITE');
    const burst = { tasks: Array(1_000).fill({ event_type: 'burst' }) };
    let refusedCount = 0;
    const sent = Array.from({ length: 60 }, async () => {
      const answer = await post(`${url}/api/tasks/batch`, burst);
      if (answer.body.code === 'ASDLC_OVERLOADED') refusedCount++;
      return answer;
    });
    await until('most are refused while Redis says nothing', () => refusedCount >= 50);
    await admin.call('CLIENT', 'UNPAUSE');
    const answers = await Promise.all(sent);
    for (const { status, headers, body } of answers.filter(({ status }) => status !== 202)) {
      assert.deepEqual([status, headers.get('retry-after')], [503, '1'], body.code);
    }
    const accepted = answers.filter(({ status }) => status === 202).length;
    await until('no more are stored', async () => (await queued()) - before === accepted * 1_000);
    await admin.flushall();
    await post(`${url}/api/queue/resume`, {});
  });

  it('leave nothing behind when Redis has no memory for the whole batch', async (t) => {
    await post(`${url}/api/queue/pause`, {});
    await limitMemory(t);
    const refused = await post(`${url}/api/tasks/batch`, batch);
    assert.deepEqual([refused.status, refused.body.code], [503, 'ASDLC_REDIS_UNAVAILABLE']);
    assert.equal(await queued(), 0);
    await until('all are counted', async () => (await enqueued('echo', 'error')) === 1_000);
  });

  it('keep a part of such a batch under a key, and the same batch again queues the rest', async (t) => {
    const headers = { 'idempotency-key': 'a batch' };
    await limitMemory(t);
    assert.equal((await post(`${url}/api/tasks/batch`, batch, headers)).status, 503);
    const first = await queued();
    assert.ok(first > 0 && first < 1_000, String(first));
    await admin.config('SET', 'maxmemory', '0');
    const { status, body } = await post(`${url}/api/tasks/batch`, batch, headers);
    assert.equal(status, 202);
    assert.equal(new Set(body.tasks.map(({ id }: { id: string }) => id)).size, 1_000);
    assert.equal(await queued(), 1_000);
    await post(`${url}/api/queue/resume`, {});
    await taskIn(url, body.tasks[999].id, ['completed']);
  });

  it('are listed without payload and result', async () => {
    const payload = 'x'.repeat(1_000_000);
    const { body } = await post(`${url}/api/tasks`, { event_type: 'echo', payload });
    assert.equal((await taskIn(url, body.id, ['completed'])).result.payload, payload);
    const listed = await request(`${url}/api/tasks?status=completed&limit=200`);
    assert.equal(listed.body.tasks.length, 200);
    assert.deepEqual(Object.keys(listed.body.tasks[0]).sort(), [
      'attempts',
      'created_at',
      'due_at',
      'error',
      'event_type',
      'finished_at',
      'id',
      'max_attempts',
      'paused',
      'priority',
      'queue',
      'scheduled_at',
      'started_at',
      'status',
      'unhandled_since',
      'worker',
    ]);
  });
});
