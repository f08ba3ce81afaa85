import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import type { Redis } from 'ioredis';
import { post, request, runTask, taskIn } from '../support/http.ts';
import { REPOSITORY, startWorkers } from '../support/processes.ts';
import { type RunLog, startNotedSystem } from '../support/run-log.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

const HOUR_MS = 3_600_000;

describe('workers on a machine with a wrong date', () => {
  const scope = suiteScope();
  let env: NodeJS.ProcessEnv;
  let admin: Redis;
  let url: string;
  let runs: RunLog;

  before(async () => {
    const system = await startNotedSystem(scope, { TASK_RETRY_DELAY: '2' });
    ({ url, runs, admin } = system);
    const module = join(REPOSITORY, 'tests/support/date-shift.ts');
    env = { REDIS_URL: system.redisUrl, NODE_OPTIONS: `--import=${module}`, ...runs.env };
  });

  it('keep the locks of their tasks when the date is set back by an hour', async (t) => {
    const workers = await startWorkers(t, env);
    const id = (await post(`${url}/api/tasks`, { event_type: 'wait', payload: 10_000 })).body.id;
    await until('it runs', () => runs.starts(id) === 1);
    workers.child.kill('SIGUSR2');
    await taskIn(url, id, ['completed'], 20_000); // longer than a lock lasts
    assert.equal(runs.starts(id), 1);
    assert.ok(!workers.output().includes('stalled'), workers.output());
    await workers.stop();
  });

  for (const [what, shiftMs] of [
    ['ahead', HOUR_MS],
    ['behind', -HOUR_MS],
  ] as const) {
    it(`start delayed tasks and retries when they are due by Redis's clock: an hour ${what}`, async (t) => {
      const workers = await startWorkers(t, { ...env, DATE_SHIFT_MS: String(shiftMs) });
      const { body } = await post(`${url}/api/tasks`, { event_type: 'wait', payload: 1, delay_ms: 2_000 });
      const task = await taskIn(url, body.id, ['completed']);
      const waitedMs = Date.parse(task.started_at) - Date.parse(task.created_at);
      assert.ok(waitedMs >= 1_950 && waitedMs < 6_000, `${waitedMs} ms`);
      const { id } = await runTask(url, { event_type: 'fail', max_attempts: 2 }, ['delayed']);
      const dueMs = Number(await admin.zscore('{asdlc}:tasks:delayed', id)) / 4096 - Date.now();
      assert.ok(dueMs > -2_000 && dueMs < 2_000, `due in ${dueMs} ms`);
      const dead = await taskIn(url, id, ['dead']);
      assert.ok(Math.abs(Date.parse(dead.finished_at) - Date.now()) < 5_000, JSON.stringify(dead));
      await workers.stop();
    });
  }

  it('remove ended tasks by age while the queue is idle', async (t) => {
    const keep = { COMPLETED_KEEP_SECONDS: '2', DEAD_KEEP_SECONDS: '2', DATE_SHIFT_MS: String(-HOUR_MS) };
    await startWorkers(t, { ...env, ...keep });
    const tasks = Array.from({ length: 450 }, () => ({ event_type: 'wait', payload: 1 }));
    const { body } = await post(`${url}/api/tasks/batch`, { tasks });
    const dead = await runTask(url, { event_type: 'fail', max_attempts: 1 });
    const last = body.tasks.at(-1).id;
    await until('none is left', async () => {
      const kept = await admin.keys('{asdlc}:tasks:*');
      return [last, dead.id].every((id) => !kept.some((key) => key.includes(id))) && kept.length < 20;
    });
    assert.equal((await request(`${url}/api/tasks/${last}`)).status, 404);
    assert.deepEqual(await admin.zcard('{asdlc}:tasks:completed'), 0);
  });
});
