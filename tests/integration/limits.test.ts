import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { before, describe, it } from 'node:test';
import type { Redis } from 'ioredis';
import { post, request, runTask, taskIn } from '../support/http.ts';
import { type RunningServer, startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { adminOf } from '../support/redis-servers.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const CORES = availableParallelism();

describe('limits of an event type', () => {
  const scope = suiteScope();
  let admin: Redis;
  let url: string;
  let workers: RunningServer;

  before(async () => {
    const redis = await startRedis(scope);
    admin = adminOf(scope, redis.url);
    const env = { REDIS_URL: redis.url, TASK_RETRY_DELAY: '0.05', WORKER_POOL_SIZE: `${CORES + 2}` };
    url = (await startOrchestrator(scope, env)).url;
    workers = await startWorkers(scope, env);
  });

  const submit = async (count: number, task: unknown): Promise<string[]> => {
    const { body } = await post(`${url}/api/tasks/batch`, { tasks: Array(count).fill(task) });
    return body.tasks.map(({ id }: { id: string }) => id);
  };
  const startedAt = async (ids: readonly string[]): Promise<number[]> => {
    const tasks = await Promise.all(ids.map((id) => taskIn(url, id, ['completed'], 30_000)));
    return tasks.map((task) => Date.parse(task.started_at));
  };

  it('uses up no attempt of rate-limited tasks while Redis is out of memory', async (t) => {
    await post(`${url}/api/queue/pause`, {});
    const ids = await submit(4, { event_type: 'rated', max_attempts: 1 });
    await post(`${url}/api/queue/resume`, {});
    await taskIn(url, ids[0] ?? '', ['active', 'completed']);
    await admin.config('SET', 'maxmemory', '1');
    t.after(() => admin.config('SET', 'maxmemory', '0'));
    await startedAt(ids);
  });

  it('does not count a task that waits for the quarantine against its rate', async () => {
    await admin.set('{asdlc}:quarantine', 'another task', 'PX', 60_000);
    const limits = await admin.keys('{asdlc}:rate:*');
    if (limits.length > 0) await admin.del(limits);
    await post(`${url}/api/queue/pause`, {});
    const [id = ''] = await submit(1, { event_type: 'rated' });
    await admin.hset(`{asdlc}:tasks:${id}`, { stc: 2 });
    await post(`${url}/api/queue/resume`, {});
    await taskIn(url, id, ['delayed']);
    assert.deepEqual(await admin.keys('{asdlc}:rate:rated*'), []);
    await admin.del('{asdlc}:quarantine');
    await startedAt([id]);
  });

  it('gives tasks in threads their whole time limit, also more tasks than cores, and delays no other type', async () => {
    // Each takes a fifth of its limit of 3 s; the last begin after 3 s.
    const ids = await submit(6 * CORES, {
      event_type: 'burn.short',
      payload: { ms: 600 },
      max_attempts: 1,
    });
    await taskIn(url, ids[0] ?? '', ['active']);
    await runTask(url, { event_type: 'echo' });
    const last = await request(`${url}/api/tasks/${ids.at(-1)}`);
    assert.notEqual(last.body.status, 'completed', 'the other type had to wait for all of them');
    for (const id of ids) assert.equal((await taskIn(url, id, ['completed', 'dead'], 30_000)).error, null);
  });

  it('ends a handler that hangs at its time limit, in the process and in a thread', async () => {
    const limited = { max_attempts: 1, payload: { ms: 60_000 } };
    const [here, thread] = await Promise.all([
      runTask(url, { event_type: 'hang.limited', ...limited }),
      runTask(url, { event_type: 'burn.limited', ...limited }),
    ]);
    for (const task of [here, thread]) {
      const ms = Date.parse(task.finished_at) - Date.parse(task.started_at);
      assert.equal(task.error.message, 'The handler did not end within 0.5 s.');
      assert.ok(ms >= 450 && ms < 10_000, `${task.event_type} ended after ${ms} ms`); // default: 300 s
    }
  });

  it('says why a result cannot leave its thread', async () => {
    const task = await runTask(url, { event_type: 'function.thread', max_attempts: 1 });
    assert.equal(
      task.error.message,
      'The result cannot leave the thread: DataCloneError: () => 1 could not be cloned.',
    );
  });

  it('fails the task whose callback throws, and no other task in the thread', async () => {
    const own = await runTask(url, { event_type: 'callback.thread', max_attempts: 1 });
    assert.equal(own.error.message, 'in a callback');
    await submit(CORES, { event_type: 'stray.thread' });
    const ids = await submit(CORES, { event_type: 'slow.thread', payload: { ms: 500 }, max_attempts: 1 });
    for (const id of ids) assert.equal((await taskIn(url, id, ['completed', 'dead'])).error, null);
    await until('the error is logged', () =>
      /"event_type":"stray.thread".*left behind/.test(workers.output()),
    );
  });

  it('adds the trace id to log lines of a handler in a thread', async () => {
    const { body } = await post(
      `${url}/api/tasks`,
      { event_type: 'trace.thread' },
      { traceparent: TRACEPARENT },
    );
    await taskIn(url, body.id, ['completed']);
    await until('the line is logged', () =>
      /"trace_id":"0af7651916cd43dd8448eb211c80319c".*"msg":"traced"/.test(workers.output()),
    );
  });
});
