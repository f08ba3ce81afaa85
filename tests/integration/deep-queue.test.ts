import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { post, request, runTask, taskIn } from '../support/http.ts';
import { type RunningServer, startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { type Scope, suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

interface Page {
  readonly tasks: readonly { readonly id: string; readonly event_type: string; readonly status: string }[];
  readonly next_cursor: string | null;
}

const DEPTH = 20_000;

async function startAdmin(scope: Scope): Promise<{ admin: Redis; redis: RunningServer }> {
  const redis = await startRedis(scope);
  const admin = new Redis(redis.url);
  scope.after(() => admin.disconnect());
  return { admin, redis };
}

async function fill(url: string, count: number, event_type: string): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < count) {
    const tasks = Array(Math.min(1_000, count - ids.length)).fill({ event_type });
    const { status, body } = await post(`${url}/api/tasks/batch`, { tasks });
    assert.equal(status, 202);
    ids.push(...body.tasks.map(({ id }: { id: string }) => id));
  }
  return ids;
}

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
    assert.deepEqual(await page('event_type=nobody&status=queued'), { tasks: [], next_cursor: null });
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

  it('holds Redis for no long time, whatever is asked', async () => {
    // 50 ms are meant; a loaded machine may stop Redis in between. It was seconds before.
    await admin.config('SET', 'slowlog-log-slower-than', '250000');
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
