import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { before, describe, it } from 'node:test';
import type { Redis } from 'ioredis';
import type { WorkerDetail, WorkerList } from '../../src/shared/http-contract/workers.ts';
import { packageVersion } from '../../src/shared/package.ts';
import { post, request, runTask, taskIn } from '../support/http.ts';
import { type RunningServer, startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { adminOf } from '../support/redis-servers.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

describe('the list of workers', () => {
  const scope = suiteScope();
  let admin: Redis;
  let url: string;
  let first: RunningServer;
  let second: RunningServer;

  before(async () => {
    const redis = await startRedis(scope);
    admin = adminOf(scope, redis.url);
    const env = { REDIS_URL: redis.url, WORKER_POOL_SIZE: '3', DRAIN_TIMEOUT: '30' };
    url = (await startOrchestrator(scope, env)).url;
    [first, second] = await Promise.all([startWorkers(scope, env), startWorkers(scope, env)]);
  });

  const list = async (): Promise<WorkerList> => (await request(`${url}/api/workers`)).body;
  const isOf =
    ({ child }: RunningServer) =>
    ({ pid }: WorkerDetail) =>
      pid === child.pid;
  const inState = (server: RunningServer, state: string) =>
    until(`process ${server.child.pid} is ${state}`, async () => {
      const found = (await list()).workers.find(isOf(server));
      return found?.state === state && found;
    });
  const liveCount = async () => (await request(`${url}/api/queue`)).body.workers;

  it('says where each runs, what it can run, and since when', async () => {
    for (const server of [first, second]) {
      const { id, since, last_seen, event_types, ...others } = await inState(server, 'running');
      const { pid } = server.child;
      const expected = { host: hostname(), pid, version: packageVersion(), state: 'running', slots: 3 };
      const queues = [{ queue: 'tasks', slots: 3 }];
      assert.deepEqual(others, { ...expected, queues, active: [] });
      await until('its log names it', () => server.output().includes(`"worker":"${id}"`));
      assert.ok(event_types.includes('slow'));
      assert.ok(Date.parse(since) <= Date.parse(last_seen));
    }
    await until('both are counted', async () => (await liveCount()) === 2);
  });

  it('shows which worker runs a task, and the task says it too', async () => {
    const { body } = await post(`${url}/api/tasks`, { event_type: 'slow', payload: { ms: 60_000 } });
    const { worker, started_at } = await taskIn(url, body.id, ['active']);
    const { workers, unassigned } = await list();
    const running = workers.filter(({ active }) => active.length > 0);
    assert.deepEqual(
      running.map(({ id, active }) => ({ id, active })),
      [{ id: worker, active: [{ id: body.id, event_type: 'slow', queue: 'tasks', started_at }] }],
    );
    assert.equal(unassigned, 0);
    await admin.hset(`{asdlc}:tasks:${body.id}`, 'pb', '');
    assert.equal((await list()).unassigned, 1);
    await admin.hset(`{asdlc}:tasks:${body.id}`, 'pb', worker);
    const done = await runTask(url, { event_type: 'echo' });
    assert.ok(workers.some(({ id }) => id === done.worker));
  });

  it('shows a worker that drains, one that stopped, and one that vanished', async () => {
    const { workers } = await list();
    const busy = [first, second].find(
      (server) => workers.find(isOf(server))?.active.length === 1,
    ) as RunningServer;
    const idle = busy === first ? second : first;
    const stopping = idle.stop('SIGTERM');
    await stopping;
    const stopped = await inState(idle, 'stopped');
    await until('one is counted', async () => (await liveCount()) === 1);

    busy.child.kill('SIGTERM');
    await inState(busy, 'draining');
    await until('none is counted', async () => (await liveCount()) === 0);
    await busy.stop('SIGKILL');
    const { id } = await inState(busy, 'draining');
    const [seconds] = await admin.time();
    await admin.zadd('{asdlc}:workers-seen', (Number(seconds) - 31) * 1000, id);
    await inState(busy, 'vanished');

    await admin.zadd('{asdlc}:workers-seen', (Number(seconds) - 3_601) * 1000, stopped.id);
    await until('one is forgotten', async () => !(await list()).workers.some(isOf(idle)));
  });

  it('leaves out what is no worker', async () => {
    const [seconds] = await admin.time();
    const sound = JSON.stringify({
      host: 'a',
      pid: 1,
      version: '1',
      slots: 1,
      event_types: [],
      state: 'running',
    });
    for (const [i, text] of [
      '',
      '{',
      '1\nnull',
      '1\n{"host":1}',
      'x\n[]',
      `9999999999999999\n${sound}`,
    ].entries()) {
      await admin.hset('{asdlc}:worker-info', `bad-${i}`, text);
      await admin.zadd('{asdlc}:workers-seen', Number(seconds) * 1000, `bad-${i}`);
    }
    await admin.hset('{asdlc}:worker-info', 'sound', `1\n${sound}`);
    await admin.zadd('{asdlc}:workers-seen', Number(seconds) * 1000, 'sound');
    const { workers } = await until('the list is read again', async () => {
      const { status, body } = await request(`${url}/api/workers`);
      assert.equal(status, 200, JSON.stringify(body));
      return body.workers.some(({ id }: WorkerDetail) => id === 'sound') && body;
    });
    assert.deepEqual(
      workers.filter(({ id }: WorkerDetail) => id.startsWith('bad-')),
      [],
    );
    assert.equal(workers.length, 2);
  });
});
