import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { fill, startAdmin } from '../support/filled-queue.ts';
import { post, request, taskIn } from '../support/http.ts';
import { startOrchestrator, startWorkers } from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

describe('many waiting tasks', () => {
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

  it('that an older version queued are found, listed, removed and run', async (t) => {
    const older = new Queue('tasks', { connection: { url: env.REDIS_URL ?? '' }, prefix: '{asdlc}' });
    t.after(() => older.close());
    const job = (name: string, priority: number) => ({ name, data: { payload: 1 }, opts: { priority } });
    const jobs = [...Array(1_500).fill(job('echo', 0)), job('trace', 7), job('trace', 0)];
    await older.addBulk(
      jobs.map(({ opts, ...rest }) => ({ ...rest, opts: { ...opts, jobId: crypto.randomUUID() } })),
    );
    for (const isIndexed of [false, true]) {
      // The orchestrator that runs has seen an empty queue; the next one puts all tasks into the index.
      if (!isIndexed) await admin.del('{asdlc}:tasks:asdlc:indexed');
      const at = isIndexed ? (await startOrchestrator(t, env)).url : url;
      if (isIndexed)
        await until('it is complete', async () => (await admin.exists('{asdlc}:tasks:asdlc:indexed')) === 1);
      const listed = await request(`${at}/api/tasks?event_type=trace`);
      assert.deepEqual(listed.body.tasks.map((task: { priority: number }) => task.priority).sort(), [0, 7]);
      assert.equal((await request(`${at}/api/tasks?status=queued&limit=200`)).body.tasks.length, 200);
    }
    const [first, second] = (await request(`${url}/api/tasks?event_type=trace`)).body.tasks;
    assert.equal((await request(`${url}/api/tasks/${first.id}`, { method: 'DELETE' })).status, 204);
    await startWorkers(t, { ...env, WORKER_POOL_SIZE: '10' });
    await taskIn(url, second.id, ['completed'], 30_000);
    await until(
      'all have run',
      async () => (await older.getWaitingCount()) + (await older.getPrioritizedCount()) === 0,
    );
    assert.equal(await older.getCompletedCount(), 1_501);
  });

  it('leave the index when BullMQ has removed them', async (t) => {
    await admin.flushall();
    await startWorkers(t, { ...env, COMPLETED_KEEP_COUNT: '10', WORKER_POOL_SIZE: '10' });
    for (let i = 0; i < 5; i++) await fill(url, 200, 'echo');
    await until('all have run', async () => {
      const { tasks } = (await request(`${url}/api/queue`)).body;
      return tasks.waiting === 0 && tasks.active === 0;
    });
    assert.equal(await admin.zcard('{asdlc}:tasks:completed'), 10);
    const tasks = Array(1_000).fill({ event_type: 'later', delay_ms: 600_000 });
    await post(`${url}/api/tasks/batch`, { tasks });
    const size = await admin.zcard('{asdlc}:tasks:asdlc:by-type');
    assert.ok(size < 1_300, `${size} members for 1,010 tasks; without checks 2,000`);
    assert.equal(await admin.zcard('{asdlc}:tasks:asdlc:by-time'), size);
    assert.equal((await request(`${url}/api/tasks?event_type=echo`)).body.tasks.length, 10);
  });
});
