import assert from 'node:assert/strict';
import { before, beforeEach, describe, it } from 'node:test';
import type { Redis } from 'ioredis';
import type { BulkResult } from '../../src/shared/http-contract/bulk.ts';
import { addDeadTasks } from '../support/dead-tasks.ts';
import { post, request, sample, taskIn } from '../support/http.ts';
import { type RunningServer, startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { adminOf } from '../support/redis-servers.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

const NONE = { gone: 0, changed: 0, unreadable: 0 };

describe('changes of many tasks', () => {
  const scope = suiteScope();
  let admin: Redis;
  let env: NodeJS.ProcessEnv;
  let server: RunningServer;
  let url: string;

  before(async () => {
    const redis = await startRedis(scope);
    admin = adminOf(scope, redis.url);
    env = { REDIS_URL: redis.url };
    server = await startOrchestrator(scope, env);
    url = server.url;
  });
  beforeEach(() => admin.flushall());

  const change = async (action: string, filter: object, more: object = {}): Promise<BulkResult> => {
    const { status, body } = await post(`${url}/api/tasks/bulk`, { action, filter, ...more });
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  };
  const counts = async () => (await request(`${url}/api/queue`)).body.tasks;
  const dead = (count: number, error: (n: number) => string, event_type = 'mail.send') =>
    addDeadTasks(
      url,
      admin,
      Array.from({ length: count }, (_, n) => ({ event_type, error: error(n), payload: { n } })),
    );

  it('retry 1,200 dead tasks, a call at a time, and each runs once with its payload', async (t) => {
    const ids = await dead(1_200, () => 'no answer', 'echo');
    assert.deepEqual(await change('retry', {}, { dry_run: true }), {
      ...{ matched: 1_200, done: 0, failed: 0, failures: NONE, looked_at: 1_200, next_cursor: null },
    });
    assert.equal((await counts()).dead, 1_200);
    let cursor: string | null = null;
    const done: number[] = [];
    do {
      const result: BulkResult = await change('retry', {}, { limit: 500, ...(cursor && { cursor }) });
      done.push(result.done);
      cursor = result.next_cursor;
    } while (cursor !== null);
    assert.deepEqual(done, [500, 500, 200]);
    assert.deepEqual(
      { ...(await counts()) },
      { waiting: 1_200, active: 0, delayed: 0, blocked: 0, dead: 0, completed: 0, paused: 0 },
    );
    await startWorkers(t, { ...env, WORKER_POOL_SIZE: '20' });
    await until('all have run', async () => (await counts()).completed === 1_200);
    const task = await taskIn(url, ids[7] ?? '', ['completed']);
    assert.deepEqual([task.payload, task.attempts], [{ n: 7 }, 1]);
  });

  it('retry those first that died first, over several calls, and none a second time', async () => {
    const ids = await dead(450, (n) => `no answer in ${n} ms`);
    await dead(50, () => 'other');
    const queued = () => admin.zrange('{asdlc}:tasks:prioritized', '0', '-1');
    const filter = { error: 'no answer in <n> ms' };
    let { next_cursor: cursor, done } = await change('retry', filter, { limit: 100 });
    const oldestFirst = ids.toReversed(); // see addDeadTasks
    assert.equal(done, 100);
    assert.deepEqual(await queued(), oldestFirst.slice(0, 100));
    const [again = ''] = oldestFirst;
    await admin.zrem('{asdlc}:tasks:prioritized', again);
    await admin.zadd('{asdlc}:tasks:failed', Date.now() + 1e7, again);
    while (cursor !== null) {
      const result: BulkResult = await change('retry', filter, { limit: 100, cursor });
      [cursor, done] = [result.next_cursor, done + result.done];
    }
    assert.equal(done, 450);
    assert.deepEqual(await queued(), oldestFirst.slice(1));
    assert.equal((await counts()).dead, 51);

    await admin.flushall();
    const some = (await dead(4, () => 'x')).toReversed();
    await change('retry', { ids: [some[1], some[3], some[2], some[0]] });
    assert.deepEqual(await queued(), some);
  });

  it('keep to their limit, and go on with the cursor, also of given ids', async () => {
    for (const action of ['cancel', 'retry', 'remove']) {
      for (const dry_run of [true, false]) {
        await admin.flushall();
        const ids = await dead(5, () => 'no answer');
        if (action === 'cancel') await change('retry', {});
        const matched: number[] = [];
        let cursor: string | null = null;
        do {
          const more = { limit: 2, dry_run, ...(cursor && { cursor }) };
          const result: BulkResult = await change(action, { ids }, more);
          assert.equal(result.done, dry_run ? 0 : result.matched);
          if (result.matched > 0) matched.push(result.matched);
          cursor = result.next_cursor;
        } while (cursor !== null);
        assert.deepEqual(matched, [2, 2, 1], `${action}, dry run: ${dry_run}`);
      }
    }
  });

  it('look for event type, error, group of errors, time and ids', async () => {
    const ids = await dead(40, (n) => (n % 2 ? `Timeout of order ${n} after ${n * 3} ms` : `no route ${n}`));
    await dead(5, () => 'timeout', 'other');
    const matched = async (filter: object) => (await change('retry', filter, { dry_run: true })).matched;
    assert.equal(await matched({}), 45);
    assert.equal(await matched({ event_type: 'other' }), 5);
    assert.equal(await matched({ error_contains: 'timeOUT' }), 25);
    assert.equal(await matched({ error_contains: 'timeout', event_type: 'mail.send' }), 20);
    assert.equal(await matched({ error: 'Timeout of order <n> after <n> ms' }), 20);
    assert.equal(await matched({ error: 'Timeout' }), 0);
    assert.equal(await matched({ ids: [ids[1], ids[2], 'nobody', 'meta', 'failed'] }), 2);
    assert.equal(await matched({ ids: [ids[1], ids[2]], error_contains: 'no route' }), 1);
    const { created_at } = (await request(`${url}/api/tasks/${ids[0]}`)).body;
    assert.equal(await matched({ created_before: created_at }), 0);
    assert.equal(await matched({ created_after: created_at }), 45);
    assert.equal(await matched({ created_before: '2999-01-01' }), 45);
    assert.equal(await matched({ id: ids[3]?.slice(0, 13) }), 1);
    assert.equal(await matched({ created_after: '2999-01-01T00:00:00+02:00' }), 0);
  });

  it('find what a list finds by the same filters, page by page', async () => {
    const ids = await dead(40, (n) => (n % 2 ? `Timeout of order ${n}` : `no route ${n}`));
    await post(`${url}/api/tasks`, { event_type: 'mail.send' });
    const list = async (filter: Record<string, string>): Promise<string[]> => {
      const found: string[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const query = new URLSearchParams({ ...filter, limit: '7', ...(cursor && { cursor }) });
        const { body } = await request(`${url}/api/tasks?${query}`);
        assert.ok(body.looked_at >= body.tasks.length);
        found.push(...body.tasks.map(({ id }: { id: string }) => id));
        cursor = body.next_cursor;
      }
      return found;
    };
    const odd = ids.filter((_, n) => n % 2 === 1);
    assert.deepEqual(await list({ error_contains: 'TIMEOUT' }), odd);
    assert.deepEqual(await list({ error: 'Timeout of order <n>', event_type: 'mail.send' }), odd);
    assert.deepEqual(await list({ error: 'Timeout', status: 'dead' }), []);
    assert.equal((await list({ created_after: '2020-01-01' })).length, 41);
    assert.equal((await list({ created_before: '2020-01-01' })).length, 0);
    const { status, body } = await request(`${url}/api/tasks?created_after=yesterday`);
    assert.deepEqual([status, /created_after: expected a time such as/.test(body.message)], [400, true]);
  });

  it('count what they cannot change, by reason', async () => {
    const ids = await dead(4, () => 'no answer');
    await admin.hset(`{asdlc}:tasks:${ids[0]}`, 'data', '{');
    await admin.del(`{asdlc}:tasks:${ids[1]}`);
    await admin.zadd('{asdlc}:tasks:failed', Date.now(), 'a-list');
    await admin.rpush('{asdlc}:tasks:a-list', 'x');
    const { done, failed, failures } = await change('retry', {});
    assert.deepEqual(
      { done, failed, failures },
      { done: 2, failed: 3, failures: { gone: 1, changed: 0, unreadable: 2 } },
    );
    const removal = await change('remove', { status: 'dead' });
    assert.deepEqual([removal.matched, removal.done], [3, 3]);
    assert.equal((await counts()).dead, 0);
  });

  it('remove tasks with a status, and none that a worker runs', async (t) => {
    await startWorkers(t, { ...env, WORKER_POOL_SIZE: '1' });
    const submit = async (task: object) => (await post(`${url}/api/tasks`, task)).body.id;
    const running = await submit({ event_type: 'slow', payload: { ms: 60_000 } });
    await taskIn(url, running, ['active']);
    const [queued, delayed] = [
      await submit({ event_type: 'echo' }),
      await submit({ event_type: 'echo', delay_ms: 600_000 }),
    ];
    const { body } = await post(`${url}/api/tasks/bulk`, { action: 'remove', filter: {} });
    assert.match(body.message, /expected a status or ids for the action remove/);
    const result = await change('remove', { ids: [running, queued, delayed] });
    assert.deepEqual([result.matched, result.done], [2, 2]);
    assert.equal((await request(`${url}/api/tasks/${running}`)).body.status, 'active');
    assert.equal((await request(`${url}/api/tasks/${queued}`)).status, 404);
  });

  it('make delayed tasks run at once, one of them or all', async (t) => {
    const tasks = Array.from({ length: 30 }, (_, n) => ({
      ...{ event_type: 'echo', payload: { n }, delay_ms: 3_600_000, ...(n % 2 && { priority: n }) },
    }));
    const { body } = await post(`${url}/api/tasks/batch`, { tasks });
    const [first] = body.tasks;
    const one = await post(`${url}/api/tasks/${first.id}/run`, '');
    assert.deepEqual([one.status, one.body], [202, { ...first, status: 'queued' }]);
    const again = await post(`${url}/api/tasks/${first.id}/run`, '');
    assert.match(again.body.message, /Expected a delayed task; got task .*, which is queued/);
    assert.equal((await post(`${url}/api/tasks/nobody/run`, '')).status, 404);
    await until(
      'it counts as waiting',
      async () => (await request(`${url}/api/queue`)).body.oldest_age_seconds > 0.02,
    );
    const result = await change('run_now', { event_type: 'echo' });
    assert.deepEqual([result.matched, result.done, result.next_cursor], [29, 29, null]);
    await startWorkers(t, env);
    await until('all have run', async () => (await counts()).completed === 30);
  });

  it('run delayed tasks now, those first that are due first, over several calls and of given ids', async () => {
    const submit = async (count: number) => {
      const tasks = Array.from({ length: count }, (_, n) => ({
        event_type: 'echo',
        delay_ms: 3_600_000 + 1_000 * ((n * 7) % count),
      }));
      const ids: string[] = (await post(`${url}/api/tasks/batch`, { tasks })).body.tasks.map(
        ({ id }: { id: string }) => id,
      );
      return ids.map((id, n) => ({ id, due: tasks[n]?.delay_ms ?? 0 }));
    };
    const queued = () => admin.zrange('{asdlc}:tasks:prioritized', '0', '-1');
    const byDue = (tasks: { id: string; due: number }[]) =>
      tasks.toSorted((a, b) => a.due - b.due).map(({ id }) => id);
    const tasks = await submit(250);
    let result = await change('run_now', {}, { limit: 100 });
    const [again = ''] = await queued();
    await admin.zrem('{asdlc}:tasks:prioritized', again);
    await admin.zadd('{asdlc}:tasks:delayed', (Date.now() + 1e7) * 4096, again); // put off once more
    while (result.next_cursor !== null)
      result = await change('run_now', {}, { limit: 100, cursor: result.next_cursor });
    assert.deepEqual(await queued(), byDue(tasks).slice(1));
    assert.equal((await counts()).delayed, 1);

    await admin.flushall();
    const some = await submit(250);
    const { done } = await change('run_now', { ids: some.map(({ id }) => id) });
    assert.equal(done, 250);
    assert.deepEqual(await queued(), byDue(some));
  });

  it('leave one audit line and one count for each call', async () => {
    await dead(3, () => 'no answer');
    const labels = { action: 'task.bulk', result: 'done' };
    const before = (await sample(url, 'asdlc_state_changes_total', labels)) ?? 0;
    await change('retry', {}, { dry_run: true });
    await change('retry', {});
    await until(
      'both are counted',
      async () => (await sample(url, 'asdlc_state_changes_total', labels)) === before + 2,
    );
    const lines = server
      .output()
      .split('\n')
      .filter((line) => line.includes('"bulk_action":"retry"') && line.includes('"matched":3'));
    assert.equal(lines.length, 2);
    assert.match(lines[0] ?? '', /"bulk_action":"retry","dry_run":"true","matched":3,"done":0,"failed":0/);
    assert.match(lines[1] ?? '', /"bulk_action":"retry","matched":3,"done":3,"failed":0/);
  });

  it('do not hold Redis for long, also where BullMQ put tasks into its list', async () => {
    const ids = await dead(1_000, () => 'no answer');
    const large = await dead(60, () => 'x'.repeat(2_000), 'large');
    for (const id of large)
      await admin.hset(`{asdlc}:tasks:${id}`, 'data', JSON.stringify({ payload: 'x'.repeat(900_000) }));
    const taken = Array.from({ length: 30_000 }, (_, n) => `${n}-${'x'.repeat(30)}`);
    await admin.lpush('{asdlc}:tasks:wait', ...taken);
    await admin.config('SET', 'slowlog-log-slower-than', '250000');
    await admin.slowlog('RESET');
    for (let cursor: string | null = ''; cursor !== null; )
      cursor = (await change('retry', {}, cursor ? { cursor } : {})).next_cursor;
    assert.equal((await counts()).dead, 0);
    const pipeline = admin.pipeline();
    for (const id of ids.slice(0, 300)) {
      pipeline.zrem('{asdlc}:tasks:prioritized', id);
      pipeline.lpush('{asdlc}:tasks:wait', id);
    }
    await pipeline.exec();
    assert.equal((await change('remove', { ids: ids.slice(0, 300) })).done, 300);
    assert.deepEqual(await admin.slowlog('GET', 10), []);
  });

  it('find tasks whose damaged score is endless', async () => {
    const ids = await dead(5, () => 'no answer');
    await admin.zadd('{asdlc}:tasks:failed', '+inf', ids[1] ?? '');
    const { body } = await post(`${url}/api/tasks`, { event_type: 'echo', delay_ms: 3_600_000 });
    await admin.zadd('{asdlc}:tasks:delayed', '+inf', body.id);
    const { matched, done } = await change('retry', {});
    assert.deepEqual([matched, done], [5, 5]);
    assert.equal((await change('run_now', {})).done, 1);
  });

  it('refuse what they cannot read', async () => {
    for (const [body, expected] of [
      [{ action: 'kill', filter: {} }, /body.action: expected one of retry/],
      [
        { action: 'retry', filter: { status: 'queued' } },
        /filter.status: expected one of which retry takes tasks/,
      ],
      [{ action: 'retry', filter: { older: 1 } }, /unexpected field "older"/],
      [{ action: 'retry', filter: { created_after: 'today' } }, /expected a time such as/],
      [
        { action: 'retry', filter: { created_after: '2026-13-01' } },
        /body.filter.created_after: expected a time/,
      ],
      [{ action: 'retry', filter: {}, cursor: 'x' }, /cursor: expected the next_cursor/],
      [{ action: 'retry', filter: {}, limit: 10_001 }, /expected a whole number from 1 to 10000/],
    ] as const) {
      const { status, body: answer } = await post(`${url}/api/tasks/bulk`, body);
      assert.equal(status, 400);
      assert.match(answer.message, expected);
    }
  });
});
