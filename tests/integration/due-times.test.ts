import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Redis } from 'ioredis';
import { post, request, runTask, sample, taskIn } from '../support/http.ts';
import { type RunningServer, startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { adminOf } from '../support/redis-servers.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

const WEEK_MS = 7 * 86_400_000;

describe('due times and retention of tasks', () => {
  const scope = suiteScope();
  let admin: Redis;
  let env: NodeJS.ProcessEnv;
  let url: string;
  let workers: RunningServer;

  before(async () => {
    const redis = await startRedis(scope);
    admin = adminOf(scope, redis.url);
    env = { REDIS_URL: redis.url, TASK_RETRY_DELAY: '2' };
    url = (await startOrchestrator(scope, env)).url;
    workers = await startWorkers(scope, env);
  });

  const keyOf = (id: string) => `{asdlc}:tasks:${id}`;
  const queue = async () => (await request(`${url}/api/queue`)).body;
  const waited = () => sample(workers.url, 'asdlc_event_wait_seconds_sum', { event_type: 'fail' });
  /** Makes a dead task that looks as if it had killed two processes in quarantine. */
  const suspect = async () => {
    const { id } = await runTask(url, { event_type: 'fail', max_attempts: 1 });
    const data = JSON.stringify({ quarantine_starts: 2, quarantine_process: 'another' });
    await admin.hset(keyOf(id), { stc: 2, data });
    return id;
  };

  it('counts the waiting time from a retry by hand, not from the submission a week ago', async () => {
    const { id } = await runTask(url, { event_type: 'fail', max_attempts: 1 });
    await admin.hset(keyOf(id), { timestamp: Date.now() - WEEK_MS });
    const before = Number(await waited());
    await post(`${url}/api/queue/pause`, {});
    await post(`${url}/api/tasks/${id}/retry`, {});
    const { tasks, oldest_age_seconds } = await queue();
    assert.equal(tasks.waiting, 1);
    assert.ok(oldest_age_seconds < 600, `${oldest_age_seconds} s`); // a week, were it from its submission
    await post(`${url}/api/queue/resume`, {});
    const { created_at } = await taskIn(url, id, ['dead']);
    assert.ok(Date.parse(created_at) < Date.now() - WEEK_MS);
    assert.ok(Number(await waited()) - before < 600);
  });

  it('counts the waiting time from the end of a backoff, not from the attempt before it', async () => {
    const { id } = await runTask(url, { event_type: 'fail', max_attempts: 2 }, ['delayed']);
    const startedAt = Number(await admin.hget(keyOf(id), 'processedOn'));
    await post(`${url}/api/queue/pause`, {});
    const seen = await until('its backoff of 1 to 2 s is over', async () => {
      const state = await queue();
      return state.tasks.waiting === 1 && { ...state, sinceStart: (Date.now() - startedAt) / 1000 };
    });
    assert.ok(seen.oldest_age_seconds < seen.sinceStart - 0.9, JSON.stringify(seen));
    await post(`${url}/api/queue/resume`, {});
    await taskIn(url, id, ['dead']);
  });

  it('forgets the earlier stalls of a task at a retry by hand', async () => {
    const id = await suspect();
    await admin.set('{asdlc}:quarantine', 'another task', 'PX', 60_000);
    await post(`${url}/api/tasks/${id}/retry`, {});
    const { error, attempts } = await taskIn(url, id, ['dead']);
    assert.deepEqual([error.message, attempts], ['as asked', 1]);
    await admin.del('{asdlc}:quarantine');
  });

  it('counts a task that killed two processes as dead with the reason stalled', async () => {
    const id = await suspect();
    await admin.zrem('{asdlc}:tasks:failed', id);
    await admin.hdel(keyOf(id), 'finishedOn', 'atm', 'failedReason');
    await admin.multi().lpush('{asdlc}:tasks:wait', id).zadd('{asdlc}:tasks:marker', 0, '0').exec();
    await taskIn(url, id, ['dead']);
    const labels = { event_type: 'fail', reason: 'stalled' };
    assert.equal(await sample(workers.url, 'asdlc_events_dead_total', labels), 1);
  });

  it('counts a task as waiting once its delay is over, even without a worker', async () => {
    await workers.stop();
    const { body } = await post(`${url}/api/tasks`, { event_type: 'echo', delay_ms: 1_000 });
    assert.equal((await queue()).tasks.delayed, 1);
    const { tasks } = await until('it has waited', async () => {
      const state = await queue();
      return state.oldest_age_seconds > 0.2 && state;
    });
    assert.deepEqual([tasks.waiting, tasks.delayed], [1, 0]);
    workers = await startWorkers(scope, env);
    await taskIn(url, body.id, ['completed']);
    assert.deepEqual((await queue()).tasks.waiting, 0);
  });

  it('removes ended tasks by number and by age', async (t) => {
    await workers.stop();
    await admin.flushall();
    const byNumber = await startWorkers(t, { ...env, COMPLETED_KEEP_COUNT: '5', DEAD_KEEP_COUNT: '3' });
    const run = async (event_type: string, count: number) => {
      const tasks = Array(count).fill({ event_type, max_attempts: 1 });
      await post(`${url}/api/tasks/batch`, { tasks });
    };
    await run('echo', 12);
    await run('fail', 12);
    const kept = async () => [
      await admin.zrange('{asdlc}:tasks:completed', '0', '-1'),
      await admin.zrange('{asdlc}:tasks:failed', '0', '-1'),
    ];
    await until('all tasks have ended', async () => {
      return (await request(`${byNumber.url}/stats`)).body.events_processed === 24;
    });
    const before = await kept();
    assert.deepEqual(
      before.map((ids) => ids.length),
      [5, 3],
    );
    await byNumber.stop();
    await startWorkers(t, { ...env, COMPLETED_KEEP_SECONDS: '1', DEAD_KEEP_SECONDS: '1' });
    await until('the earlier tasks are removed as later ones end', async () => {
      await runTask(url, { event_type: 'echo' });
      await runTask(url, { event_type: 'fail', max_attempts: 1 });
      const left = new Set((await kept()).flat());
      return !before.flat().some((id) => left.has(id));
    });
  });
});
