import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Redis } from 'ioredis';
import { post, request, sample, taskIn } from '../support/http.ts';
import { type RunningServer, startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { adminOf } from '../support/redis-servers.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

const keyOf = (name: string) => `{asdlc}:tasks:${name}`;
const NOW = 4096 * Date.now();

/** Puts an id into each list of the queue. */
const PLACES: Readonly<Record<string, (redis: Redis, id: string | Buffer) => Promise<unknown>>> = {
  wait: (redis, id) => redis.rpush(keyOf('wait'), id),
  'the end of wait': (redis, id) => redis.lpush(keyOf('wait'), id),
  prioritized: (redis, id) => redis.zadd(keyOf('prioritized'), 1, id),
  'prioritized, first': (redis, id) => redis.zadd(keyOf('prioritized'), '-inf', id),
  delayed: (redis, id) => redis.zadd(keyOf('delayed'), NOW, id),
  'delayed, below 0': (redis, id) => redis.zadd(keyOf('delayed'), -5, id),
  'delayed, first': (redis, id) => redis.zadd(keyOf('delayed'), '-inf', id),
  active: (redis, id) => redis.lpush(keyOf('active'), id),
};

const ODD_IDS: readonly (string | Buffer)[] = [
  '',
  'wait',
  'active',
  'meta',
  'failed',
  'marker',
  'events',
  '0:0',
  '0:5',
  'a:b:c',
  'asdlc:by-time',
  '__proto__',
  'constructor',
  'ünï',
  'a b/c?d=%00',
  'x'.repeat(5_000),
  Buffer.from([0xff, 0xfe, 0x41]),
  Buffer.from([0xed, 0xa0, 0x80]),
];

const LISTINGS = [
  '',
  '&status=dead',
  '&status=queued',
  '&status=delayed',
  '&status=completed',
  '&event_type=echo',
];

describe('damaged lists', () => {
  const scope = suiteScope();
  let admin: Redis;
  let url: string;
  let workers: RunningServer;

  before(async () => {
    const redis = await startRedis(scope);
    admin = adminOf(scope, redis.url);
    const env = { REDIS_URL: redis.url, TASK_RETRY_DELAY: '0.05' };
    url = (await startOrchestrator(scope, env)).url;
    workers = await startWorkers(scope, env);
  });

  const submit = async (count: number, task: object = { event_type: 'echo' }): Promise<string[]> => {
    const { status, body } = await post(`${url}/api/tasks/batch`, { tasks: Array(count).fill(task) });
    assert.equal(status, 202, JSON.stringify(body));
    return body.tasks.map(({ id }: { id: string }) => id);
  };
  /** Reads every page of every listing, and the state of the queue. */
  const lookAround = async () => {
    for (const filter of LISTINGS) {
      const seen: string[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const { status, body } = await request(
          `${url}/api/tasks?limit=50${filter}${cursor && `&cursor=${cursor}`}`,
        );
        assert.equal(status, 200, `${filter}: ${JSON.stringify(body)}`);
        seen.push(...body.tasks.map(({ id }: { id: string }) => id));
        assert.ok(seen.length < 5_000, `${filter}: the pages have an end`);
        cursor = body.next_cursor;
      }
      assert.equal(new Set(seen).size, seen.length, `${filter}: each task once`);
    }
    assert.equal((await request(`${url}/api/queue`)).status, 200);
  };
  const completed = () =>
    sample(workers.url, 'asdlc_events_processed_total', { event_type: 'echo', status: 'success' });
  const removed = async (reason: string) =>
    Number(await sample(workers.url, 'asdlc_queue_entries_removed_total', { reason }));
  const isEmpty = () =>
    until('nothing waits or runs', async () => {
      const { body } = await request(`${url}/api/queue`);
      return body.tasks.waiting + body.tasks.active + body.tasks.delayed === 0;
    });
  const wake = () => admin.zadd(keyOf('marker'), 0, '0');
  const stalls = () => sample(workers.url, 'asdlc_events_stalled_total');
  const inRedis = {
    string: (key: string) => admin.set(key, 'x'),
    list: (key: string) => admin.rpush(key, 'x'),
    set: (key: string) => admin.sadd(key, 'x'),
    zset: (key: string) => admin.zadd(key, 1, 'x'),
  };

  for (const [place, put] of Object.entries(PLACES)) {
    it(`lose entries of ${place} that name no task, and delay no other`, async () => {
      const [before, done] = [await removed('vanished'), Number(await completed())];
      await post(`${url}/api/queue/pause`, {});
      const first = await submit(5);
      for (const id of ODD_IDS) await put(admin, id);
      await lookAround();
      await submit(5);
      await post(`${url}/api/queue/resume`, {});
      for (const id of first) await taskIn(url, id, ['completed'], 2_000);
      await isEmpty();
      await until('all are counted', async () => (await removed('vanished')) === before + ODD_IDS.length);
      assert.equal(Number(await completed()) - done, 10);
      await lookAround();
      assert.equal(await admin.exists(...['ünï', '', '__proto__'].map(keyOf)), 0);
    });

    it(`run a task once that ${place} repeats`, async () => {
      const done = Number(await completed());
      const before = await removed('repeated');
      const [ended = ''] = await submit(1);
      await taskIn(url, ended, ['completed']);
      await put(admin, ended);
      await wake();
      await isEmpty();
      await until('it is counted', async () => (await removed('repeated')) === before + 1);
      assert.equal(Number(await completed()) - done, 1);
      assert.equal((await request(`${url}/api/tasks/${ended}`)).body.status, 'completed');
    });

    it(`end tasks dead that are no hashes in ${place}`, async () => {
      await post(`${url}/api/queue/pause`, {});
      for (const [type, write] of Object.entries(inRedis)) {
        const id = `wrong-${type}`;
        await write(keyOf(id));
        await put(admin, id);
      }
      await lookAround();
      await post(`${url}/api/queue/resume`, {});
      for (const type of Object.keys(inRedis)) {
        const id = `wrong-${type}`;
        const { error } = await taskIn(url, id, ['dead'], 5_000);
        assert.match(error.message, /^unreadable: the task: expected a hash/);
        assert.equal((await post(`${url}/api/tasks/${id}/retry`, {})).body.code, 'ASDLC_TASK_UNREADABLE');
        assert.equal((await request(`${url}/api/tasks/${id}`, { method: 'DELETE' })).status, 204);
        assert.equal((await request(`${url}/api/tasks/${id}`)).status, 404);
        assert.deepEqual(await admin.keys(keyOf(`${id}*`)), []);
      }
      await isEmpty();
    });
  }

  it('are put aside when their keys are of another type, and what ends meanwhile is not lost', async () => {
    const [running = ''] = await submit(1, { event_type: 'slow', payload: { ms: 100 } });
    await taskIn(url, running, ['active']);
    for (const name of [
      'marker',
      'events',
      'stalled',
      'completed',
      'meta',
      'asdlc:by-type',
      'asdlc:checked',
    ]) {
      await admin.del(keyOf(name));
      await inRedis.list(keyOf(name));
    }
    await admin.set(keyOf('wait'), 'x');
    await taskIn(url, running, ['completed']);
    await lookAround();
    const [next = ''] = await submit(1);
    await taskIn(url, next, ['completed']);
    assert.equal(await admin.get(keyOf('wait:damaged')), 'x');
    assert.match(workers.output(), /had a wrong type/);
  });

  it('let a task end that ran when the list of active tasks was lost', async () => {
    const [running = ''] = await submit(1, { event_type: 'slow', payload: { ms: 300 } });
    await taskIn(url, running, ['active']);
    await admin.del(keyOf('active'));
    const { result } = await taskIn(url, running, ['completed']);
    assert.equal(result, 'slept');
  });

  it('forget a task at its end that vanished while it ran', async () => {
    const before = await removed('vanished');
    const [running = ''] = await submit(1, { event_type: 'slow', payload: { ms: 300 } });
    await taskIn(url, running, ['active']);
    await admin.del(keyOf(running));
    await until('it is counted', async () => (await removed('vanished')) === before + 1);
    assert.equal((await request(`${url}/api/tasks/${running}`)).status, 404);
    assert.deepEqual(await admin.keys(keyOf(`${running}*`)), []);
    await isEmpty();
  });

  it('count no stalls', async () => {
    assert.equal(await stalls(), 0);
  });
});
