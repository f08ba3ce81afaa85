import assert from 'node:assert/strict';
import { before, beforeEach, describe, it } from 'node:test';
import type { Redis } from 'ioredis';
import type { ListedTask, TaskList } from '../../src/shared/http-contract/tasks.ts';
import { addDeadTasks } from '../support/dead-tasks.ts';
import { post, request } from '../support/http.ts';
import { startOrchestrator, startRedis } from '../support/processes.ts';
import { adminOf } from '../support/redis-servers.ts';
import { suiteScope } from '../support/scope.ts';

describe('tasks that ended within a time', () => {
  const scope = suiteScope();
  let admin: Redis;
  let url: string;

  before(async () => {
    const redis = await startRedis(scope);
    admin = adminOf(scope, redis.url);
    url = (await startOrchestrator(scope, { REDIS_URL: redis.url })).url;
  });
  beforeEach(() => admin.flushall());

  const list = async (filter: Record<string, string>): Promise<TaskList> => {
    const { status, body } = await request(`${url}/api/tasks?${new URLSearchParams(filter)}`);
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  };
  const idsOf = ({ tasks }: TaskList) => tasks.map(({ id }) => id);
  const dead = (count: number, event_type = 'mail.send') =>
    addDeadTasks(
      url,
      admin,
      Array.from({ length: count }, (_, n) => ({ event_type, error: `no route ${n}` })),
    );
  /** The times between which the tasks from `first` on and before `last` ended: they are newest first, a second apart. */
  const between = async (ids: readonly string[], first: number, last: number) => {
    const time = async (at: number) => (await request(`${url}/api/tasks/${ids[at]}`)).body.finished_at;
    return { finished_before: await time(first - 1), finished_after: await time(last - 1) };
  };

  it('are found without a look at those that ended later or earlier, among 3,000', async () => {
    const ids = await dead(3_000);
    const other = await dead(40, 'other');
    await post(`${url}/api/tasks`, { event_type: 'mail.send' }); // it has not ended
    const window = await between(ids, 1_500, 1_510);
    const found = await list({ ...window, status: 'dead' });
    assert.deepEqual([idsOf(found), found.looked_at], [ids.slice(1_500, 1_510), 10]);
    const page = await list({ ...window, limit: '4' });
    const next = await list({ ...window, limit: '100', cursor: page.next_cursor ?? '' });
    assert.deepEqual([...idsOf(page), ...idsOf(next)], ids.slice(1_500, 1_510));
    assert.equal((await list({ ...window, status: 'queued' })).tasks.length, 0);
    const ofType = { ...(await between(other, 1, 40)), event_type: 'other' };
    assert.deepEqual(idsOf(await list(ofType)), other.slice(1));
  });

  it('are those that an action on all that match changes', async () => {
    const ids = await dead(30);
    const filter = await between(ids, 10, 20);
    const { body } = await post(`${url}/api/tasks/bulk`, { action: 'retry', filter });
    assert.deepEqual([body.matched, body.done], [10, 10]);
    assert.deepEqual(
      idsOf(await list({ status: 'dead' })),
      ids.filter((_, n) => n < 10 || n >= 20),
    );
    const none = await post(`${url}/api/tasks/bulk`, { action: 'cancel', filter });
    assert.equal(none.body.matched, 0);
  });

  it('come with those first that ran longest, and say at how many the search looked', async () => {
    const ids = await dead(300);
    for (const [n, ranMs] of [
      [7, 5_000],
      [200, 9_000],
      [40, 7_000],
    ] as const) {
      const end = Number(await admin.hget(`{asdlc}:tasks:${ids[n]}`, 'finishedOn'));
      await admin.hset(`{asdlc}:tasks:${ids[n]}`, 'processedOn', end - ranMs);
    }
    await admin.hdel(`{asdlc}:tasks:${ids[3]}`, 'processedOn'); // cancelled before it began
    const all = await list({ sort: 'run_time', limit: '3' });
    assert.deepEqual(idsOf(all), [ids[200], ids[40], ids[7]]);
    assert.deepEqual([all.looked_at, all.is_complete, all.next_cursor], [300, true, null]);
    const windowed = await list({ sort: 'run_time', limit: '2', ...(await between(ids, 1, 100)) });
    assert.deepEqual([idsOf(windowed), windowed.looked_at], [[ids[40], ids[7]], 99]);
    const grouped = await list({ sort: 'run_time', limit: '1', error: 'no route <n>' });
    assert.deepEqual(idsOf(grouped), [ids[200]]);
    const ran = ({ started_at, finished_at }: ListedTask) =>
      Date.parse(finished_at ?? '') - Date.parse(started_at ?? '');
    assert.deepEqual(all.tasks.map(ran), [9_000, 7_000, 5_000]);
  });

  it('stop at the newest 5,000 of a status, and say so', async () => {
    await dead(6_000);
    const { looked_at, is_complete } = await list({ sort: 'run_time', status: 'dead' });
    assert.deepEqual([looked_at, is_complete], [5_000, false]);
  });

  it('are refused with a reason where a parameter makes no sense', async () => {
    const refused = async (query: string) => {
      const { status, body } = await request(`${url}/api/tasks?${query}`);
      return [status, body.message];
    };
    assert.deepEqual(await refused('sort=run_time&status=queued'), [
      400,
      'status: expected dead or completed with sort; got "queued"',
    ]);
    assert.deepEqual(await refused('sort=run_time&cursor=MA'), [
      400,
      'cursor: expected none with sort; got one',
    ]);
    assert.match(String((await refused('finished_after=yesterday'))[1]), /finished_after: expected a time/);
    assert.match(String((await refused('sort=name'))[1]), /sort: expected/);
  });
});
