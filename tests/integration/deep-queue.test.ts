import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Redis } from 'ioredis';
import { fill, startAdmin } from '../support/filled-queue.ts';
import { post, request, runTask, taskIn } from '../support/http.ts';
import { startOrchestrator, startWorkers } from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

interface Page {
  readonly tasks: readonly { readonly id: string; readonly event_type: string; readonly status: string }[];
  readonly next_cursor: string | null;
  readonly looked_at: number;
}

const DEPTH = 20_000;

/** How often Redis carried out each command since the last reset. */
async function commandCounts(admin: Redis): Promise<Record<string, number>> {
  const stats = await admin.info('commandstats');
  return Object.fromEntries(
    [...stats.matchAll(/cmdstat_([^:]+):calls=(\d+)/g)].map(([, name, calls]) => [name, Number(calls)]),
  );
}

describe('a queue with 20,000 waiting tasks', () => {
  const scope = suiteScope();
  let admin: Redis;
  let url: string;
  let ids: string[];
  const rare = new Set<string>();

  before(async () => {
    const started = await startAdmin(scope);
    admin = started.admin;
    url = (await startOrchestrator(scope, { REDIS_URL: started.redis.url })).url;
    for (let i = 0; i < 5; i++) {
      await fill(url, 5, 'common');
      rare.add((await post(`${url}/api/tasks`, { event_type: 'rare' })).body.id);
    }
    ids = await fill(url, DEPTH, 'common');
  });

  const page = async (query: string): Promise<Page> => (await request(`${url}/api/tasks?${query}`)).body;

  it('lists all tasks of a rare type on the first page', async () => {
    for (const query of ['event_type=rare', 'event_type=rare&status=queued']) {
      const { tasks, next_cursor } = await page(query);
      assert.deepEqual(new Set(tasks.map(({ id }) => id)), rare);
      assert.equal(next_cursor, null);
    }
    assert.deepEqual(await page('event_type=nobody&status=queued'), {
      tasks: [],
      next_cursor: null,
      looked_at: 0,
    });
  });

  it('finds a task by its id or the beginning of it, and says how far it looked', async () => {
    const id = ids[5_000] ?? '';
    for (const query of [`id=${id}`, `id=${id}&event_type=common&status=queued`]) {
      const { tasks, next_cursor, looked_at } = await page(query);
      assert.deepEqual([tasks.map((task) => task.id), next_cursor, looked_at], [[id], null, 1]);
    }
    assert.deepEqual((await page(`id=${id}&event_type=rare`)).tasks, []);
    assert.deepEqual((await page('id=meta')).tasks, []);
    const found = await page(`id=${id.slice(0, 13)}`);
    assert.deepEqual(
      found.tasks.map((task) => task.id),
      [id],
    );
    assert.ok(found.looked_at > 20_000 && found.looked_at < 21_000, `${found.looked_at}`);
    const all = await page(`id=${id.slice(0, 1)}&limit=200`);
    assert.equal(all.tasks.length, 200);
    assert.ok(all.tasks.every((task) => task.id.startsWith(id.slice(0, 1))));
    assert.notEqual(all.next_cursor, null);
  });

  it('looks no task up by walking a list', async () => {
    await admin.config('RESETSTAT');
    const [first = '', ...others] = ids;
    const known = await request(`${url}/api/tasks/${first}`);
    assert.deepEqual([known.status, known.body.status], [200, 'queued']);
    assert.equal((await request(`${url}/api/tasks/nobody`)).status, 404);
    const tasks = Array(200).fill({ event_type: 'keyed' });
    for (const _ of 'ab') {
      const { status } = await post(`${url}/api/tasks/batch`, { tasks }, { 'idempotency-key': 'batch' });
      assert.equal(status, 202);
      const one = await post(`${url}/api/tasks`, { event_type: 'keyed' }, { 'idempotency-key': 'one' });
      assert.equal(one.status, 202);
    }
    for (const id of others.slice(0, 5))
      assert.equal((await request(`${url}/api/tasks/${id}`, { method: 'DELETE' })).status, 204);
    const counts = await commandCounts(admin);
    for (const name of ['lrange', 'lrem', 'lpush', 'rpush']) assert.equal(counts[name], undefined, name);
    assert.equal(await admin.exists('{asdlc}:tasks:wait'), 0);
  });

  it('never holds Redis for long, whatever is asked', async () => {
    await admin.config('SET', 'slowlog-log-slower-than', '250000'); // 50 ms by design: the machine may be busy
    await admin.slowlog('RESET');
    const payload = 'x'.repeat(15_000);
    const tasks = Array.from({ length: 1_000 }, (_, n) => ({ event_type: 'large', payload: { payload, n } }));
    const headers = { 'idempotency-key': 'large' };
    for (const _ of 'ab')
      assert.equal((await post(`${url}/api/tasks/batch`, { tasks }, headers)).status, 202);
    await page('limit=200');
    await page('event_type=large&status=dead');
    assert.deepEqual(await admin.slowlog('GET', 10), []);
  });
});

describe('waiting tasks', () => {
  const scope = suiteScope();
  let admin: Redis;
  let env: NodeJS.ProcessEnv;
  let url: string;

  before(async () => {
    const started = await startAdmin(scope);
    admin = started.admin;
    env = { REDIS_URL: started.redis.url, WORKER_POOL_SIZE: '1' };
    url = (await startOrchestrator(scope, env)).url;
  });

  it('run by priority, and first in, first out within one, whatever they went through', async (t) => {
    const submit = async (priority: number | undefined, more = {}) => {
      const task = {
        event_type: 'slow',
        payload: { ms: 5 },
        ...(priority !== undefined && { priority }),
        ...more,
      };
      return (await post(`${url}/api/tasks`, task)).body.id as string;
    };
    const ids = [await submit(5), await submit(0), await submit(2_097_152), await submit(undefined)];
    const delayed = await submit(1, { delay_ms: 50 });
    ids.push(await submit(5), await submit(0));
    const { body } = await request(`${url}/api/tasks/${ids[0]}`);
    assert.deepEqual([body.priority, body.status], [5, 'queued']);
    await until(
      'the delay is over',
      async () => (await request(`${url}/api/queue`)).body.tasks.delayed === 0,
    );
    await startWorkers(t, env);
    const ended = await Promise.all([...ids, delayed].map((id) => taskIn(url, id, ['completed'])));
    const order = ended
      .toSorted((a, b) => (a.started_at < b.started_at ? -1 : 1))
      .map(({ priority }) => priority);
    assert.deepEqual(order, [0, 0, 0, 1, 5, 5, 2_097_152]);
    const starts = [1, 3, 5].map((i) => ended[i].started_at);
    assert.deepEqual(starts, starts.toSorted());
  });

  it('of an old priority do not hide behind newer ones of a higher priority', async () => {
    await fill(url, 1, 'old'); // waits with priority 0
    await post(`${url}/api/tasks`, { event_type: 'old', priority: 9 });
    await until('both have waited', async () => {
      return (await request(`${url}/api/queue`)).body.oldest_age_seconds > 0.3;
    });
    await fill(url, 100, 'new');
    const old = await request(`${url}/api/tasks?event_type=old`);
    for (const { id, priority } of old.body.tasks)
      if (priority === 0) await request(`${url}/api/tasks/${id}`, { method: 'DELETE' });
    assert.ok((await request(`${url}/api/queue`)).body.oldest_age_seconds > 0.3);
    await admin.flushall();
  });

  it('go back to the queue when a worker stops, and an idle worker takes them at once', async (t) => {
    await admin.flushall();
    const stopping = await startWorkers(t, { ...env, DRAIN_TIMEOUT: '0.5' });
    const { id } = await runTask(url, { event_type: 'slow', payload: { ms: 3_000 } }, ['active']);
    await startWorkers(t, env);
    await stopping.stop();
    const stoppedAt = performance.now();
    await taskIn(url, id, ['active', 'completed']);
    assert.ok(performance.now() - stoppedAt < 4_500); // without that, BullMQ asks again after 5 s
  });
});
