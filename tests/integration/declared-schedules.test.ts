import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import type { Redis } from 'ioredis';
import { request } from '../support/http.ts';
import {
  REPOSITORY,
  type RunningServer,
  startOrchestrator,
  startRedis,
  startWorkers,
  temporaryFolder,
} from '../support/processes.ts';
import { adminOf } from '../support/redis-servers.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

describe('schedules that handlers declare', () => {
  const scope = suiteScope();
  let env: NodeJS.ProcessEnv;
  let admin: Redis;
  let url: string;
  let output: () => string;
  let older: RunningServer;

  before(async () => {
    const redis = await startRedis(scope);
    admin = adminOf(scope, redis.url);
    env = { REDIS_URL: redis.url };
    ({ url, output } = await startOrchestrator(scope, env));
  });

  const listed = async (): Promise<{ id: string; source: string; runs: number; priority: number }[]> =>
    (await request(`${url}/api/schedules`)).body.schedules;
  const sources = async () => (await listed()).map(({ id, source }) => `${source} ${id}`);
  const put = (id: string, schedule: unknown) =>
    request(`${url}/api/schedules/${id}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(schedule),
    });

  it('are made when a worker starts, and run; one of a request stays', async () => {
    assert.equal((await put('of.request', { every_ms: 60_000, event_type: 'other' })).status, 201);
    older = await startWorkers(scope, {
      ...env,
      WORKER_HANDLERS: join(REPOSITORY, 'tests/support/schedule-handlers.ts'),
    });
    await until('both are there', async () => (await listed()).length === 3);
    assert.deepEqual(await sources(), ['api of.request', 'handlers report.daily', 'handlers report.often']);
    await until('one has run', async () => Number((await listed())[2]?.runs) > 0);
    const { body } = await request(`${url}/api/schedules/report.often`);
    assert.deepEqual([body.payload, body.priority, body.event_type], [{ path: '.' }, 3, 'report.made']);
    const task = await until('its task is done', async () => {
      const { body: task } = await request(`${url}/api/tasks/${body.last_run.task_id}`);
      return task.status === 'completed' && task;
    });
    assert.equal(task.result, 'report.often');
    await until('the orchestrator says so', () =>
      output().includes('a request made a schedule with this id'),
    );
  });

  it('cannot be replaced by a request, but paused, and stay paused', async () => {
    const refused = await put('report.daily', { every_ms: 60_000, event_type: 'other' });
    assert.deepEqual(
      [refused.status, refused.body.message],
      [409, 'Expected an id that no worker declares; got report.daily. Change it in the module of handlers.'],
    );
    await request(`${url}/api/schedules/report.daily/pause`, { method: 'POST' });
    await request(`${url}/api/schedules/report.often`, { method: 'DELETE' });
    await until('what was removed is made again', async () =>
      (await sources()).includes('handlers report.often'),
    );
    assert.equal((await request(`${url}/api/schedules/report.daily`)).body.paused, true);
  });

  it('go when live workers with their handlers do not declare them any more, else stay a while', async () => {
    const folder = await temporaryFolder(scope);
    const module = join(folder, 'handlers.mjs');
    await writeFile(
      module,
      `export const handlers = { 'report.made': () => 1 };
      export const schedules = { 'report.often': { everyMs: 7_200_000, eventType: 'report.made' } };`,
    );
    const next = await startWorkers(scope, { ...env, WORKER_HANDLERS: module });
    await until('that of the newer worker counts', async () => {
      return (await request(`${url}/api/schedules/report.often`)).body.every_ms === 7_200_000;
    });
    assert.ok((await sources()).includes('handlers report.daily'), 'the older worker lives');
    await older.stop();
    await until('the one that is declared no more goes', async () => {
      return !(await sources()).includes('handlers report.daily');
    });
    await next.stop();
    const elsewhere = JSON.stringify({ event_types: ['echo'], schedules: {} });
    await admin.zadd('{asdlc}:schedule-workers', '99999999999999', 'w');
    await admin.hset('{asdlc}:schedule-declarations', 'w', `1\n${elsewhere}`, 'x', 'nonsense');
    await until('it is noted', async () =>
      admin.hexists('{asdlc}:tasks:asdlc:schedule:report.often', 'undeclared'),
    );
    assert.deepEqual(await sources(), ['api of.request', 'handlers report.often']);
  });
});
