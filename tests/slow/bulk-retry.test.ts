import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addDeadTasks } from '../support/dead-tasks.ts';
import { post, request } from '../support/http.ts';
import { startOrchestrator, startRedis } from '../support/processes.ts';
import { adminOf } from '../support/redis-servers.ts';

const COUNT = 10_000;

describe('a retry of 10,000 dead tasks', () => {
  it('takes a client that follows the cursor less than ten calls of a second each', async (t) => {
    const redis = await startRedis(t);
    const admin = adminOf(t, redis.url);
    const { url } = await startOrchestrator(t, { REDIS_URL: redis.url });
    const task = { event_type: 'invoice.send', error: 'no answer', payload: { text: 'x'.repeat(1_000) } };
    await addDeadTasks(url, admin, Array(COUNT).fill(task));
    await admin.config('SET', 'slowlog-log-slower-than', '250000');
    await admin.slowlog('RESET');
    const startedAt = performance.now();
    let [calls, done] = [0, 0];
    for (let cursor: string | undefined | null; cursor !== null; calls += 1) {
      const { body } = await post(`${url}/api/tasks/bulk`, {
        action: 'retry',
        filter: { error: 'no answer' },
        ...(cursor && { cursor }),
      });
      done += body.done;
      cursor = body.next_cursor;
    }
    t.diagnostic(`${calls} calls, ${Math.round(performance.now() - startedAt)} ms`);
    assert.equal(done, COUNT);
    assert.ok(calls < 10, `${calls} calls`); // each ends after 1 s
    assert.equal((await request(`${url}/api/queue`)).body.tasks.waiting, COUNT);
    assert.deepEqual(await admin.slowlog('GET', 10), []);
  });
});
