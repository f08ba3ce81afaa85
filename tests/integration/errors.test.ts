import assert from 'node:assert/strict';
import { before, beforeEach, describe, it } from 'node:test';
import type { Redis } from 'ioredis';
import { createClient } from '../../src/client/index.ts';
import type { ErrorGroups } from '../../src/shared/http-contract/errors.ts';
import { addDeadTasks } from '../support/dead-tasks.ts';
import { post, request, runTask } from '../support/http.ts';
import { startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { adminOf } from '../support/redis-servers.ts';
import { suiteScope } from '../support/scope.ts';

describe('the errors of tasks', () => {
  const scope = suiteScope();
  let admin: Redis;
  let env: NodeJS.ProcessEnv;
  let url: string;

  before(async () => {
    const redis = await startRedis(scope);
    admin = adminOf(scope, redis.url);
    env = { REDIS_URL: redis.url };
    url = (await startOrchestrator(scope, env)).url;
  });
  beforeEach(() => admin.flushall());

  const errors = async (query = ''): Promise<ErrorGroups> =>
    (await request(`${url}/api/errors${query}`)).body;

  it('are grouped by event type and message, with counts, times and an example', async () => {
    const mails = Array.from({ length: 900 }, (_, n) => ({
      event_type: 'mail.send',
      error: `no answer in ${n} ms`,
    }));
    const orders = Array.from({ length: 300 }, (_, n) => ({
      event_type: 'order',
      error: `no answer in ${n} ms`,
    }));
    const ids = await addDeadTasks(url, admin, [
      ...mails,
      ...orders,
      { event_type: 'order', error: 'refused' },
    ]);
    const { groups, ...rest } = await errors();
    assert.deepEqual(rest, { left_out: 0, looked_at: 1_201, total: 1_201, is_complete: true });
    assert.deepEqual(
      groups.map(({ event_type, error, count }) => [event_type, error, count]),
      [
        ['mail.send', 'no answer in <n> ms', 900],
        ['order', 'no answer in <n> ms', 300],
        ['order', 'refused', 1],
      ],
    );
    const [first, last] = [ids[899], ids[0]];
    assert.equal(groups[0]?.example, last);
    const endOf = async (id = '') => (await request(`${url}/api/tasks/${id}`)).body.finished_at;
    assert.deepEqual([groups[0]?.since, groups[0]?.last], [await endOf(first), await endOf(last)]);
    assert.equal((await errors('?event_type=order')).groups.length, 2);
  });

  it('lead to their tasks: a change of a group changes no other', async () => {
    const tasks = Array.from({ length: 20 }, (_, n) => ({
      event_type: 'a',
      error: `${n % 2 ? '' : 'again: '}lost ${n}`,
    }));
    await addDeadTasks(url, admin, tasks);
    const client = createClient({ url });
    const [group] = (await client.errors()).groups;
    const filter = { event_type: group?.event_type, error: group?.error } as {
      event_type: string;
      error: string;
    };
    const progress: number[] = [];
    const sums = await client.changeAll('retry', filter, { onProgress: ({ done }) => progress.push(done) });
    assert.deepEqual([sums.done, progress], [10, [10]]);
    assert.equal((await client.errors()).groups.length, 1);
  });

  it('of tasks between two attempts are grouped too', async (t) => {
    await startWorkers(t, env);
    await runTask(url, { event_type: 'fail', payload: { message: 'busy 7' }, max_attempts: 5 }, ['delayed']);
    await post(`${url}/api/tasks`, { event_type: 'echo', delay_ms: 60_000 });
    const { groups } = await errors('?status=delayed');
    assert.equal(groups.length, 1);
    assert.equal(groups[0]?.count, 1);
    assert.deepEqual((await errors()).groups, []);
    assert.equal((await request(`${url}/api/errors?status=queued`)).status, 400);
  });

  it('of more tasks than one call looks at are those of the newest', async () => {
    const task = { event_type: 'a', error: 'x'.repeat(2_000) };
    await addDeadTasks(url, admin, Array(11_000).fill(task));
    const { looked_at, total, is_complete, groups } = await errors();
    assert.equal(total, 11_000);
    assert.equal(is_complete, false);
    assert.ok(looked_at >= 1_000 && looked_at < 10_600, `${looked_at}`);
    assert.equal(groups[0]?.count, looked_at);
    assert.equal(groups[0]?.error.length, 300);
  });
});
