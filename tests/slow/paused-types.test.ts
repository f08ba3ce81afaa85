import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Redis } from 'ioredis';
import { parkWaiting } from '../../src/shared/queue/bullmq-parking.ts';
import { queueKeys } from '../../src/shared/queue/bullmq-schema.ts';
import { post, request, runTask, sample, sum, taskIn } from '../support/http.ts';
import { type RunningServer, startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { adminOf } from '../support/redis-servers.ts';
import { createRunLog, type RunLog } from '../support/run-log.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

describe('a paused event type', { concurrency: 2 }, () => {
  const scope = suiteScope();
  let redis: RunningServer;
  let admin: Redis;
  let log: RunLog;

  before(async () => {
    redis = await startRedis(scope);
    admin = adminOf(scope, redis.url);
    log = await createRunLog(scope);
  });

  /** Each test has a queue of its own: they run side by side. */
  const stack = async (name: string, slots = 1) => {
    const env = {
      REDIS_URL: redis.url,
      QUEUE_PREFIX: `{${name}}`,
      WORKER_POOL_SIZE: String(slots),
      TASK_RETRY_DELAY: '0.05',
      ...log.env,
    };
    const { url, output } = await startOrchestrator(scope, env);
    const submit = async (task: object) => {
      const { status, body } = await post(`${url}/api/tasks`, task);
      assert.equal(status, 202);
      return body.id as string; // the API returns strings
    };
    return {
      url,
      output,
      submit,
      startWorkers: () => startWorkers(scope, env),
      change: (type: string, action: 'pause' | 'resume') =>
        post(`${url}/api/event-types/${type}/${action}`, ''),
      get: async (id: string) => (await request(`${url}/api/tasks/${id}`)).body,
      queue: async () => (await request(`${url}/api/queue`)).body,
      keyOf: queueKeys(`{${name}}`),
    };
  };

  it('keeps its tasks queued and uses up no attempt, while other types and running attempts go on', async () => {
    const { url, output, submit, startWorkers, change, get, queue } = await stack('waits');
    const worker = await startWorkers();
    const running = await submit({ event_type: 'wait', payload: 400 });
    await taskIn(url, running, ['active']);
    const waiting = await submit({ event_type: 'wait', max_attempts: 1 }); // no slot is free: it waits in Redis
    const paused = await change('wait', 'pause');
    assert.equal(paused.status, 200);
    const { since } = paused.body.paused;
    assert.deepEqual(paused.body, { event_type: 'wait', paused: { since, by: 'anonymous' }, handled: true });
    const later = await submit({ event_type: 'wait', priority: 7 });
    assert.equal((await runTask(url, { event_type: 'rated' })).status, 'completed');
    assert.equal((await taskIn(url, running, ['completed', 'dead'])).status, 'completed');
    for (const id of [waiting, later]) {
      const { status, attempts, started_at, paused: shown } = await get(id);
      assert.deepEqual(
        [status, attempts, started_at, shown],
        ['queued', 0, null, { since, by: 'anonymous' }],
      );
    }
    const state = await queue();
    assert.deepEqual([state.tasks.paused, state.tasks.waiting, state.oldest_age_seconds], [2, 0, 0]);
    assert.deepEqual(state.paused_event_types, [{ event_type: 'wait', since, by: 'anonymous', tasks: 2 }]);
    const { body: listed } = await request(`${url}/api/event-types`);
    const pauses = listed.event_types.filter((type: { paused: unknown }) => type.paused !== null);
    assert.deepEqual(pauses, [
      { event_type: 'wait', paused: { since, by: 'anonymous' }, payload_schema: null },
    ]);
    assert.equal(await sample(worker.url, 'asdlc_queue_paused_type_tasks', { event_type: 'wait' }), 2);
    assert.equal(await sample(url, 'asdlc_queue_tasks', { state: 'paused' }), 2);
    assert.equal(await sample(url, 'asdlc_queue_oldest_age_seconds'), 0);
    assert.match(output(), /"action":"event_type.pause","event_type":"wait","token":"anonymous"/);
    assert.equal(
      await sum(url, 'asdlc_state_changes_total', { action: 'event_type.pause', result: 'done' }),
      1,
    );

    const again = await change('wait', 'pause');
    assert.equal(again.body.paused.since, since);
    assert.equal((await change('wait', 'resume')).body.paused, null);
    for (const id of [waiting, later]) {
      const task = await taskIn(url, id, ['completed', 'dead']);
      assert.deepEqual([task.status, task.attempts, task.paused], ['completed', 1, null]);
    }
    assert.equal(log.starts(waiting), 1);
    assert.deepEqual((await queue()).paused_event_types, []);
    assert.equal(await sample(url, 'asdlc_queue_paused_type_tasks', { event_type: 'wait' }), undefined);
  });

  it('runs in the order of submission after the resume, also when workers and orchestrator are new', async () => {
    const { url, submit, startWorkers, change, get } = await stack('order');
    const first = await startWorkers();
    await change('wait', 'pause');
    const ids: string[] = [];
    for (let i = 0; i < 30; i++) ids.push(await submit({ event_type: 'wait' }));
    await until(
      'the worker has parked them',
      async () => (await sample(url, 'asdlc_queue_tasks', { state: 'paused' })) === 30,
    );
    await first.stop('SIGKILL');
    const { url: other } = await startOrchestrator(scope, { REDIS_URL: redis.url, QUEUE_PREFIX: '{order}' });
    await startWorkers();
    assert.equal((await runTask(other, { event_type: 'rated' })).status, 'completed');
    assert.equal((await get(ids[0] ?? '')).status, 'queued');
    await post(`${other}/api/event-types/wait/resume`, '');
    for (const id of ids) await taskIn(url, id, ['completed']);
    const ran = log.read('start').map(({ id }) => id);
    assert.deepEqual(
      ran.filter((id) => ids.includes(id)),
      ids,
    );
  });

  it('waits with its retries and stalled tasks, which can be listed, cancelled and removed', async () => {
    const { url, submit, startWorkers, change, get } = await stack('changes');
    await change('fail', 'pause');
    await change('wait', 'pause');
    await startWorkers();
    const [kept, cancelled, removed] = [
      await submit({ event_type: 'wait' }),
      await submit({ event_type: 'wait' }),
      await submit({ event_type: 'wait' }),
    ];
    await until(
      'they are parked',
      async () => (await sample(url, 'asdlc_queue_tasks', { state: 'paused' })) === 3,
    );
    const list = async (query: string) => {
      const { body } = await request(`${url}/api/tasks?status=queued&${query}`);
      return body.tasks.map((task: { id: string }) => task.id).sort();
    };
    assert.deepEqual(await list('event_type=wait'), [kept, cancelled, removed].sort());
    assert.deepEqual(await list(''), [kept, cancelled, removed].sort());
    assert.equal((await post(`${url}/api/tasks/${cancelled}/cancel`, '')).body.status, 'dead');
    assert.equal((await request(`${url}/api/tasks/${removed}`, { method: 'DELETE' })).status, 204);
    assert.deepEqual([(await get(cancelled)).status, (await get(removed)).code], ['dead', 'ASDLC_NOT_FOUND']);
    assert.deepEqual(await list(''), [kept]);
    assert.equal(await sample(url, 'asdlc_queue_tasks', { state: 'paused' }), 1);

    await change('fail', 'resume');
    const failing = await submit({ event_type: 'fail', max_attempts: 30 });
    await until('an attempt failed', async () => (await get(failing)).attempts > 0);
    await change('fail', 'pause');
    const waits = await until('its retry waits', async () => {
      const task = await get(failing);
      return task.status === 'queued' && task.paused !== null && task;
    });
    assert.equal((await runTask(url, { event_type: 'rated' })).status, 'completed');
    assert.equal((await get(failing)).attempts, waits.attempts);
    await change('fail', 'resume');
    await until('it goes on', async () => (await get(failing)).attempts > waits.attempts);
  });

  it('lets others flow past 20,000 tasks in front of them, whoever parks these', async () => {
    const { url, submit, startWorkers, change, keyOf } = await stack('deep', 4);
    for (let i = 0; i < 20; i++) {
      const tasks = Array(1_000).fill({ event_type: 'wait' });
      assert.equal((await post(`${url}/api/tasks/batch`, { tasks })).status, 202);
    }
    const first = await submit({ event_type: 'rated' });
    // As when the call that paused the type was cut off: the workers have to pass all of them.
    await admin.hset(keyOf('asdlc:paused-types'), 'wait', `${Date.now()}:somebody`);
    await startWorkers();
    assert.equal((await taskIn(url, first, ['completed', 'dead'])).status, 'completed');
    assert.equal(await admin.zcard(keyOf('asdlc:parked')), 20_000);

    await change('wait', 'resume');
    await until('they flow', async () => (await admin.zcard(keyOf('completed'))) > 100);
    await change('wait', 'pause');
    await until('all but those that run are parked', async () => {
      const waiting = await sample(url, 'asdlc_queue_tasks', { state: 'waiting' });
      return waiting === 0 && (await sample(url, 'asdlc_queue_tasks', { state: 'active' })) === 0;
    });
    const parked = await admin.zcard(keyOf('asdlc:parked'));
    assert.equal(parked + (await admin.zcard(keyOf('completed'))), 20_001);
    assert.equal((await runTask(url, { event_type: 'rated' })).status, 'completed');
    assert.equal(await parkWaiting(admin, keyOf, 'rated'), undefined); // it is not paused
  });

  it('is refused for a name that is none, and when a hundred are paused', async () => {
    const { change } = await stack('refused');
    const wrong = await change('No_Type', 'pause');
    assert.deepEqual([wrong.status, wrong.body.code], [400, 'ASDLC_INPUT_INVALID']);
    assert.match(wrong.body.message, /expected a lower-case letter/);
    const unknown = await change('not.deployed', 'pause');
    assert.deepEqual([unknown.status, unknown.body.handled], [200, false]);
    for (let i = 1; i < 100; i++) assert.equal((await change(`t${i}`, 'pause')).status, 200);
    const full = await change('one.more', 'pause');
    assert.deepEqual([full.status, full.body.code], [409, 'ASDLC_CONFLICT']);
    assert.equal((await change('t1', 'pause')).status, 200);
    assert.equal((await change('t1', 'resume')).status, 200);
    assert.equal((await change('one.more', 'pause')).status, 200);
  });

  it('breaks nothing when its keys in Redis are damaged', async () => {
    const { url, startWorkers, change, keyOf } = await stack('damaged');
    await admin.set(keyOf('asdlc:paused-types'), 'text');
    await admin.set(keyOf('asdlc:parked'), 'text');
    await startWorkers();
    assert.equal((await runTask(url, { event_type: 'rated' })).status, 'completed');
    await until('workers put them aside', async () => (await change('wait', 'pause')).status === 200);
    await admin.hset(keyOf('asdlc:paused-types'), 'wait', 'no pause', 'odd:name', '');
    await admin.zadd(keyOf('asdlc:parked'), 0, 'no member', 0, 'wait:1:gone', 0, 'gone:1:gone');
    const { status, body } = await request(`${url}/api/queue`);
    assert.equal(status, 200);
    assert.deepEqual(body.paused_event_types[1], {
      event_type: 'wait',
      since: null,
      by: 'no pause',
      tasks: 1,
    });
    assert.equal((await request(`${url}/api/tasks?status=queued`)).status, 200);
    assert.equal((await change('wait', 'resume')).status, 200);
    assert.equal((await runTask(url, { event_type: 'wait' })).status, 'completed');
    assert.equal(await admin.zcard(keyOf('asdlc:parked')), 0);
  });
});
