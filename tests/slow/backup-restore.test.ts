import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { runDocumented } from '../support/documented-commands.ts';
import { post, request, runTask, taskIn } from '../support/http.ts';
import { submitKeyed } from '../support/keyed-load.ts';
import {
  freePort,
  startOrchestrator,
  startProcess,
  startRedis,
  startWorkers,
  temporaryFolder,
} from '../support/processes.ts';
import { createRunLog } from '../support/run-log.ts';
import { until } from '../support/until.ts';

const PAGE = 'docs/operations.md';
const DELAY_MS = 20_000;
/** The server's persistence as the docs ask for it; `startRedis` sets the rest. */
const APPEND_ONLY = ['--appendonly', 'yes'];

async function startSystem(t: TestContext, redis: string) {
  const runs = await createRunLog(t);
  const env = { REDIS_URL: redis, TASK_RETRY_DELAY: '0.05', WORKER_POOL_SIZE: '1', ...runs.env };
  const [orchestrator, workers] = await Promise.all([startOrchestrator(t, env), startWorkers(t, env)]);
  return { url: orchestrator.url, orchestrator, workers, runs };
}

/** Submits tasks until there is one or more of each state. Returns their ids by state. */
async function fillQueue(url: string) {
  const submit = async (task: object) => (await post(`${url}/api/tasks`, task)).body.id as string;
  const completed = await runTask(url, { event_type: 'wait', payload: 1 });
  const dead = await runTask(url, { event_type: 'fail', payload: 1 });
  const delayed = await submit({ event_type: 'wait', payload: 1, delay_ms: DELAY_MS });
  const active = await submit({ event_type: 'wait', payload: 8_000 });
  await taskIn(url, active, ['active']);
  const waiting = [];
  for (const priority of [0, 0, 5]) waiting.push(await submit({ event_type: 'wait', payload: 1, priority }));
  return { completed: completed.id, dead: dead.id, delayed, active, waiting };
}

const statusOf = async (url: string, id: string) =>
  (await request(`${url}/api/tasks/${id}`)).body.status as string | undefined;

async function startRestored(t: TestContext, folder: string) {
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', ...APPEND_ONLY];
  const running = startProcess(t, 'redis-server', [...args, '--maxmemory-policy', 'noeviction']);
  await until('redis accepts connections', () => running.output().includes('Ready to accept connections'));
  return { url: `redis://127.0.0.1:${port}`, running };
}

/** Submits tasks one after another until the first answer but 202. */
function submitUntilRefused(url: string) {
  const accepted: string[] = [];
  const refusal = (async () => {
    for (;;) {
      const { status, body } = await post(`${url}/api/tasks`, { event_type: 'echo' });
      if (status !== 202) return status;
      accepted.push(body.id);
    }
  })();
  return { accepted, refusal };
}

describe('the documented commands', () => {
  it('back up a running queue, and restore each accepted task of it on a new server', async (t) => {
    const redis = await startRedis(t, undefined, APPEND_ONLY);
    const lost = await startSystem(t, redis.url);
    const ids = await fillQueue(lost.url);
    const key = await submitKeyed(lost.url, 'before');
    const BACKUP = join(await temporaryFolder(t), 'asdlc.rdb');
    const printed = await runDocumented(PAGE, '**Back up.**', { REDIS_URL: redis.url, BACKUP });
    assert.match(printed, /RDB looks OK/);
    const states = [ids.active, ids.delayed, ...ids.waiting].map((id) => statusOf(lost.url, id));
    assert.deepEqual(await Promise.all(states), ['active', 'delayed', 'queued', 'queued', 'queued']);
    const late = await submitKeyed(lost.url, 'after');
    await Promise.all([lost.workers, lost.orchestrator, redis].map((server) => server.stop('SIGKILL')));

    const DATA = await temporaryFolder(t);
    await runDocumented(PAGE, '**Restore.**', { BACKUP, DATA });
    assert.ok((await stat(join(DATA, 'appendonlydir'))).isDirectory());
    const restored = await startRestored(t, DATA);
    const { url, runs } = await startSystem(t, restored.url);
    assert.equal(await statusOf(url, ids.completed), 'completed');
    assert.equal(await statusOf(url, ids.dead), 'dead');
    assert.equal(await submitKeyed(url, 'before'), key);
    assert.equal((await request(`${url}/api/tasks/${late}`)).status, 404);
    const again = await submitKeyed(url, 'after');
    assert.equal((await request(`${url}/api/tasks/${again}`)).status, 200);
    for (const id of [...ids.waiting, ids.delayed, ids.active]) {
      await taskIn(url, id, ['completed'], 60_000);
      assert.equal(runs.starts(id), 1, id);
    }
    assert.equal((await post(`${url}/api/tasks/${ids.dead}/retry`, '')).status, 202);
    await until('it runs again', () => runs.starts(ids.dead) > 0);
  });

  it('are needed: a server with an append-only file begins empty beside a bare snapshot', async (t) => {
    const redis = await startRedis(t, undefined, APPEND_ONLY);
    const { url } = await startSystem(t, redis.url);
    const { id } = await runTask(url, { event_type: 'wait', payload: 1 });
    const DATA = await temporaryFolder(t);
    await runDocumented(PAGE, '**Back up.**', { REDIS_URL: redis.url, BACKUP: join(DATA, 'dump.rdb') });
    const restored = await startRestored(t, DATA);
    const empty = await startOrchestrator(t, { REDIS_URL: restored.url });
    assert.equal((await request(`${empty.url}/api/tasks/${id}`)).status, 404);
  });

  it('move the queue to another server under load, and lose no task', async (t) => {
    const [old, next] = await Promise.all([
      startRedis(t, undefined, APPEND_ONLY),
      startRedis(t, undefined, APPEND_ONLY),
    ]);
    const SERVICE_PORT = String(await freePort());
    const start = (REDIS_URL: string) =>
      Promise.all([startOrchestrator(t, { REDIS_URL, SERVICE_PORT }), startWorkers(t, { REDIS_URL })]);
    const before = await start(old.url);
    const load = submitUntilRefused(before[0].url);
    await until('some tasks are accepted', () => load.accepted.length > 20);
    await runDocumented(PAGE, '## Move to another Redis', {
      OLD_URL: old.url,
      OLD_HOST: '127.0.0.1',
      OLD_PORT: String(old.port),
      NEW_URL: next.url,
      NEW_HOST: '127.0.0.1',
      NEW_PORT: String(next.port),
    });
    assert.equal(await load.refusal, 503);
    for (const server of before) await server.stop('SIGTERM');
    await old.stop('SIGTERM');
    const [{ url }] = await start(next.url);
    for (const id of load.accepted) await taskIn(url, id, ['completed'], 30_000);
  });
});
