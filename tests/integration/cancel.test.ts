import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Redis } from 'ioredis';
import { CANCELLED } from '../../src/shared/queue/bullmq-fields.ts';
import { post, request, sample, sum, taskIn } from '../support/http.ts';
import { type RunningServer, startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { adminOf } from '../support/redis-servers.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

const MANY = 300;

describe('a cancelled task', () => {
  const scope = suiteScope();
  let admin: Redis;
  let url: string;
  let workers: readonly RunningServer[];

  before(async () => {
    const redis = await startRedis(scope);
    admin = adminOf(scope, redis.url);
    const env = { REDIS_URL: redis.url, WORKER_POOL_SIZE: '3', TASK_RETRY_DELAY: '0.1' };
    url = (await startOrchestrator(scope, env)).url;
    workers = await Promise.all([startWorkers(scope, env), startWorkers(scope, env)]);
  });

  const submit = async (event_type: string, more: object = {}): Promise<string> =>
    (await post(`${url}/api/tasks`, { event_type, payload: { ms: 60_000 }, ...more })).body.id;
  const cancel = (id: string) => post(`${url}/api/tasks/${id}/cancel`, '');
  const dead = async (id: string) => {
    const { status, attempts, error } = await taskIn(url, id, ['dead', 'completed']);
    return [status, attempts, error?.message];
  };
  const countOfDead = async (labels: Record<string, string>) => {
    const counts = await Promise.all(
      workers.map((worker) => sum(worker.url, 'asdlc_events_dead_total', { reason: 'cancelled', ...labels })),
    );
    return counts.reduce((all, count) => all + count, 0);
  };

  /** A task is active in Redis a moment before its handler runs: until then its end counts no attempt. */
  const untilHandlersRun = (expected: number) =>
    until(`${expected} handlers run`, async () => {
      const running = await Promise.all(workers.map((worker) => sample(worker.url, 'asdlc_active_workers')));
      return running.reduce<number>((all, count = Number.NaN) => all + count, 0) === expected;
    });

  it('that waits is dead at once, and can be retried', async () => {
    const id = await submit('echo', { delay_ms: 600_000 });
    const { status, body } = await cancel(id);
    assert.deepEqual([status, body], [202, { id, event_type: 'echo', queue: 'tasks', status: 'dead' }]);
    const task = (await request(`${url}/api/tasks/${id}`)).body;
    assert.deepEqual([task.status, task.error.message], ['dead', CANCELLED]);
    assert.ok(Date.parse(task.finished_at) >= Date.parse(task.created_at) - 1_000);
    assert.equal((await cancel(id)).status, 409);
    assert.equal((await post(`${url}/api/tasks/${id}/retry`, '')).status, 202);
    assert.equal((await dead(id))[0], 'completed');
    assert.match(
      (await cancel(id)).body.message,
      /Expected a task that waits or runs; got task .*, which was completed/,
    );
    assert.equal((await cancel('nobody')).status, 404);
  });

  for (const type of ['slow', 'hang', 'slow.thread']) {
    it(`that runs ends on whichever worker has it, and is not retried: ${type}`, async () => {
      const ids = await Promise.all([1, 2, 3, 4].map(() => submit(type)));
      await untilHandlersRun(ids.length);
      const { status, body } = await cancel(ids[0] ?? '');
      assert.deepEqual([status, body.status], [202, 'active']);
      for (const id of ids) await cancel(id);
      for (const id of ids) assert.deepEqual(await dead(id), ['dead', 1, CANCELLED]);
      await until('all are counted', async () => (await countOfDead({ event_type: type })) === 4);
      assert.equal(await admin.hexists(`{asdlc}:tasks:${ids[0]}`, 'cancel'), 0);
    });
  }

  it('frees its slot', async () => {
    const id = await submit('burn.thread');
    await untilHandlersRun(1);
    await cancel(id);
    assert.deepEqual(await dead(id), ['dead', 1, CANCELLED]);
    await untilHandlersRun(0);
  });

  it('ends also where the message was missed', async () => {
    const id = await submit('slow');
    await untilHandlersRun(1);
    await admin.hset(`{asdlc}:tasks:${id}`, 'cancel', Date.now());
    assert.deepEqual(await dead(id), ['dead', 1, CANCELLED]);
  });

  it('does not run again after an attempt that failed meanwhile', async () => {
    const id = await submit('fail', { max_attempts: 50 });
    await taskIn(url, id, ['delayed']);
    await admin.hset(`{asdlc}:tasks:${id}`, 'cancel', Date.now());
    const [status, , error] = await dead(id);
    assert.deepEqual([status, error], ['dead', CANCELLED]);
  });

  it('is one of many', async () => {
    const running = await Promise.all([1, 2, 3].map(() => submit('slow')));
    for (const id of running) await taskIn(url, id, ['active']);
    const tasks = Array(MANY).fill({ event_type: 'echo', delay_ms: 600_000 });
    await post(`${url}/api/tasks/batch`, { tasks });
    const { body } = await post(`${url}/api/tasks/bulk`, { action: 'cancel', filter: {} });
    assert.deepEqual([body.matched, body.done, body.next_cursor], [MANY + 3, MANY + 3, null]);
    await until('all are dead', async () => {
      const { delayed, active, waiting } = (await request(`${url}/api/queue`)).body.tasks;
      return delayed + active + waiting === 0;
    });
  });
});
