import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Redis } from 'ioredis';
import { queueKeys } from '../../src/shared/queue/bullmq-schema.ts';
import {
  clearUnhandled,
  countUnhandled,
  noteUnhandled,
  promoteUnhandled,
} from '../../src/shared/queue/bullmq-unhandled.ts';
import { post, request, runTask, sample, sum, taskIn } from '../support/http.ts';
import { type RunningServer, startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { adminOf } from '../support/redis-servers.ts';
import { createRunLog, type RunLog } from '../support/run-log.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

const WARNING = 'asdlc-warning';
const GAUGE = 'asdlc_queue_unhandled_tasks';

describe('event types that a worker does not know', { concurrency: true }, () => {
  const scope = suiteScope();
  let redis: RunningServer;
  let admin: Redis;
  let log: RunLog;

  before(async () => {
    redis = await startRedis(scope);
    admin = adminOf(scope, redis.url);
    log = await createRunLog(scope);
  });

  /** Each test has a queue of its own: they run side by side. The old workers do not know `echo`. */
  const stack = async (name: string, env: NodeJS.ProcessEnv = {}) => {
    const common = { REDIS_URL: redis.url, QUEUE_PREFIX: `{${name}}`, ...env };
    const { url } = await startOrchestrator(scope, common);
    return {
      url,
      startOld: () => startWorkers(scope, { ...common, ...log.env }),
      startNew: () => startWorkers(scope, common),
      unhandled: () => sample(url, GAUGE),
      get: async (id: string) => (await request(`${url}/api/tasks/${id}`)).body,
    };
  };
  const linesOf = (worker: RunningServer, id: string) =>
    worker
      .output()
      .split('\n')
      .filter((line) => line.includes(id) && line.includes('has no handler for the event type'));

  it('wait through a rolling deploy, and use up no attempt', async () => {
    const { url, startOld, startNew, unhandled, get } = await stack('deploy');
    const old = await startOld();
    const submitted = await Promise.all([
      post(`${url}/api/tasks`, { event_type: 'echo', payload: 1, max_attempts: 1 }),
      post(`${url}/api/tasks`, { event_type: 'echo', payload: 2, priority: 5 }, { 'idempotency-key': 'k' }),
      post(`${url}/api/tasks`, { event_type: 'echo', payload: 3, delay_ms: 50 }),
    ]);
    for (const { status, headers } of submitted) {
      assert.equal(status, 202);
      assert.equal(headers.get(WARNING), 'unknown-event-type; event_types="echo"; count=1');
    }
    const ids = submitted.map(({ body }) => body.id as string); // the API returns strings
    for (const id of ids) {
      const task = await until('it waits for a handler', async () => {
        const found = await get(id);
        return found.unhandled_since !== null && found;
      });
      assert.deepEqual(
        [task.status, task.attempts, task.error, task.scheduled_at],
        ['delayed', 0, null, null],
      );
    }
    const again = await post(
      `${url}/api/tasks`,
      { event_type: 'echo', payload: 2, priority: 5 },
      { 'idempotency-key': 'k' },
    );
    assert.deepEqual([again.body.id, again.body.status], [ids[1], 'delayed']);
    assert.equal(await unhandled(), 3);
    const { body } = await request(`${url}/api/tasks?status=delayed&event_type=echo`);
    assert.equal(body.tasks.length, 3);
    const { events_processed, events_failed } = (await request(`${old.url}/stats`)).body;
    assert.deepEqual([events_processed, events_failed], [0, 0]);
    assert.equal(await sum(old.url, 'asdlc_events_dead_total', { reason: 'unknown_type' }), 0);

    const next = await startNew(); // the old one still runs, and takes some of them again
    for (const [i, id] of ids.entries()) {
      const task = await taskIn(url, id, ['completed', 'dead'], 30_000);
      assert.deepEqual(task.result, { payload: i + 1, attempt: 1, eventType: 'echo' });
      assert.deepEqual([task.attempts, task.unhandled_since], [1, null]);
      assert.equal(linesOf(old, id).length, 1);
    }
    await until('none waits', async () => (await unhandled()) === 0);
    assert.equal((await post(`${url}/api/tasks`, { event_type: 'echo' })).headers.get(WARNING), null);
    assert.equal((await request(`${next.url}/stats`)).body.events_failed, 0);
  });

  it('outlive the death of the worker that put them off', async () => {
    const { url, startOld, startNew, unhandled, get } = await stack('death');
    const old = await startOld();
    const { body } = await post(`${url}/api/tasks/batch`, { tasks: Array(20).fill({ event_type: 'echo' }) });
    await until('one waits', async () => Number(await unhandled()) > 0);
    await old.stop('SIGKILL');
    await startNew();
    for (const { id } of body.tasks) {
      const task = await taskIn(url, id, ['completed', 'dead'], 30_000);
      assert.deepEqual([task.status, task.attempts, task.result.attempt], ['completed', 1, 1]);
    }
    await until('none waits', async () => (await unhandled()) === 0);
    assert.equal((await get(body.tasks[0].id)).unhandled_since, null);
  });

  it('are dead after the grace, and begin a new one when they are retried', async () => {
    const { url, startOld, startNew, unhandled, get } = await stack('grace', { UNKNOWN_TYPE_GRACE: '0.4' });
    const old = await startOld();
    const dead = () => sum(old.url, 'asdlc_events_dead_total', { reason: 'unknown_type' });
    const task = await runTask(url, { event_type: 'echo' });
    assert.equal(task.status, 'dead');
    assert.equal(
      task.error.message,
      'unknown_type: expected a worker with a handler for the event type "echo" within 0.4 s; got none.',
    );
    assert.equal(task.unhandled_since, null);
    // By the clocks of two busy processes, which know Redis's to some ten milliseconds.
    assert.ok(Date.parse(task.finished_at) - Date.parse(task.created_at) >= 300);
    assert.equal(await dead(), 1);
    assert.equal(await unhandled(), 0);

    await post(`${url}/api/tasks/${task.id}/retry`, {});
    await until('it waits again', async () => (await get(task.id)).unhandled_since !== null);
    await taskIn(url, task.id, ['dead']);
    assert.equal(await dead(), 2);
    assert.equal(linesOf(old, task.id).length, 2);

    await old.stop();
    await startNew();
    await post(`${url}/api/tasks/${task.id}/retry`, {});
    assert.equal((await taskIn(url, task.id, ['completed'])).result.attempt, 1);
    const removed = await post(`${url}/api/tasks`, { event_type: 'nobody.handles', delay_ms: 1 });
    await until('it waits', async () => (await unhandled()) === 1);
    await request(`${url}/api/tasks/${removed.body.id}`, { method: 'DELETE' });
    assert.equal(await unhandled(), 0);
  });

  it('are refused by a setting, but not while no worker is live', async () => {
    const { url, startOld } = await stack('refuse', { UNKNOWN_EVENT_TYPES: 'refuse' });
    const early = await post(`${url}/api/tasks`, { event_type: 'echo', delay_ms: 60_000 });
    assert.deepEqual([early.status, early.headers.has(WARNING)], [202, true]);
    const old = await startOld();
    const refused = await until('the orchestrator knows of the worker', async () => {
      const answer = await post(`${url}/api/tasks`, { event_type: 'echo', delay_ms: 60_000 });
      return answer.status === 422 && answer;
    });
    assert.deepEqual(refused.body, {
      code: 'ASDLC_UNKNOWN_EVENT_TYPE',
      message: 'event_type: expected one that a live worker handles; got "echo"',
    });
    const { delayed } = (await request(`${url}/api/queue`)).body.tasks;
    const known = { event_type: 'wait', payload: 0 };
    const batch = await post(`${url}/api/tasks/batch`, { tasks: [known, { event_type: 'echo' }] });
    assert.deepEqual([batch.status, batch.body.code], [422, 'ASDLC_UNKNOWN_EVENT_TYPE']);
    assert.equal((await request(`${url}/api/queue`)).body.tasks.delayed, delayed);
    const accepted = await post(`${url}/api/tasks/batch`, { tasks: [known, known] });
    assert.deepEqual([accepted.status, accepted.headers.get(WARNING)], [202, null]);
    assert.equal(await old.stop(), 0); // it withdraws its announcement
    await until('nobody handles anything', async () => {
      const answer = await post(`${url}/api/tasks`, { event_type: 'wait', delay_ms: 60_000 });
      return answer.status === 202 && answer.headers.has(WARNING);
    });
  });

  describe('in Redis', () => {
    const setUp = async (name: string) => {
      const keyOf = queueKeys(`{${name}}`);
      const add = async (eventType: string, id: string, createdMs = 1) => {
        await admin.hset(keyOf(id), { name: eventType, timestamp: createdMs, priority: 1 });
        const task = { id, eventType, createdMs };
        const wait = await noteUnhandled(admin, keyOf, task, 900_000);
        return { task, wait };
      };
      return { keyOf, add };
    };

    it('are put off for 5, 10, 20, 40 and 60 s, and never past the grace', async () => {
      const { keyOf, add } = await setUp('delays');
      const { task, wait } = await add('report', 'a');
      assert.deepEqual(wait, { delayMs: 5_000, isFirst: true });
      const [seconds] = await admin.time();
      for (const [waitedS, delayS] of [
        [5, 10],
        [15, 20],
        [35, 40],
        [75, 60],
        [600, 60],
        [870, 30],
        [900, undefined],
      ] as const) {
        await admin.hset(keyOf('a'), 'unhandled', (Number(seconds) - waitedS) * 1000);
        const { delayMs, isFirst } = await noteUnhandled(admin, keyOf, task, 900_000);
        // Some time passed since the test read the clock.
        if (delayMs === undefined || delayS === undefined) assert.equal(delayMs, delayS);
        else assert.ok(Math.abs(delayMs - delayS * 1000) < 4_000, `${delayMs} ms after ${waitedS} s`);
        assert.equal(isFirst, false);
      }
      assert.equal(await countUnhandled(admin, keyOf), 0);
    });

    it('come back the oldest first, and those that are gone are forgotten', async () => {
      const { keyOf, add } = await setUp('order');
      for (const [id, createdMs] of [
        ['third', 30],
        ['first', 10],
        ['second', 20],
      ] as const) {
        await add('report', id, createdMs);
        await admin.zadd(keyOf('delayed'), '1e18', id);
      }
      await add('report.other', 'stays');
      await admin.zadd(keyOf('delayed'), '1e18', 'stays');
      await add('report', 'removed');
      await admin.del(keyOf('removed'));
      assert.equal(await promoteUnhandled(admin, keyOf, ['report']), 3);
      assert.deepEqual(await admin.zrange(keyOf('prioritized'), '0', '-1'), ['first', 'second', 'third']);
      assert.deepEqual(await admin.zrange(keyOf('delayed'), '0', '-1'), ['stays']);
      assert.equal(await promoteUnhandled(admin, keyOf, ['report']), 0);
      await until('the removed one is found', async () => {
        await promoteUnhandled(admin, keyOf, []);
        return (await countUnhandled(admin, keyOf)) === 4;
      });
      await clearUnhandled(admin, keyOf, { id: 'first', eventType: 'report', createdMs: 10 });
      assert.equal(await countUnhandled(admin, keyOf), 3);
      assert.equal(await admin.hexists(keyOf('first'), 'unhandled'), 0);
    });
  });
});
