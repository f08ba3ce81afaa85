import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it, test } from 'node:test';
import { identifyProcess } from '../../src/local-stack/processes/process-identity.ts';
import { post, request, runTask, sample, taskIn } from '../support/http.ts';
import {
  type LocalStack,
  LocalStackFolder,
  queryLocalTsdb,
  untilBothAreScraped,
} from '../support/local-stack-process.ts';
import { HANDLERS, startRedis, startVictoriaMetrics } from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

describe('a local stack', () => {
  const scope = suiteScope();
  let folder: LocalStackFolder;
  let stack: LocalStack;

  before(async () => {
    folder = await LocalStackFolder.create(scope);
    stack = folder.start({ env: { WORKER_HANDLERS: HANDLERS, WORKER_POOLSIZE: '3' } });
    await stack.up();
    await untilBothAreScraped(stack);
  });

  it('prints the addresses of the dashboard and of the API', () => {
    assert.match(stack.output(), new RegExp(`dashboard +${stack.address('orchestrator')}/\n`));
    assert.match(stack.output(), new RegExp(`API +${stack.address('orchestrator')}/docs`));
  });

  it('names a misspelt variable once and goes on', () => {
    const lines = stack
      .output()
      .split('\n')
      .filter((line) => line.includes('POOLSIZE'));
    assert.deepEqual(lines, [
      '! asdlc does not know the variable WORKER_POOLSIZE. Did you mean WORKER_POOL_SIZE?',
    ]);
  });

  it('names the event type and the id of a task that failed', async () => {
    const { id } = await runTask(stack.address('orchestrator'), { event_type: 'fail.for-good' });
    const line = new RegExp(`^workers \\| .*no use.* \\(fail\\.for-good ${id}\\)$`, 'm');
    await until('the failure is on the terminal', () => line.test(stack.output()));
  });

  it('refuses a second start on its data folder', async () => {
    const second = folder.start();
    assert.equal(await second.exited, 1);
    assert.match(second.output(), /^.*Another local stack \(process \d+\) uses .*ASDLC_DATA_DIR.*\n$/);
    assert.equal((await request(`${stack.address('orchestrator')}/health/ready`)).status, 200);
  });

  it('refuses to delete, snapshot or merge the series without the key', async () => {
    const url = stack.address('victoria-metrics');
    for (const path of [
      '/api/v1/admin/tsdb/delete_series?match[]=up',
      '/tags/delSeries?path=up',
      '/snapshot/create',
      '/snapshot/list',
      '/snapshot/delete_all',
      '/internal/force_merge',
      '/internal/force_flush',
    ]) {
      for (const method of ['GET', 'POST']) {
        const { status, ok } = await fetch(`${url}${path}`, { method });
        assert.ok(!ok, `${method} ${path}: ${status}`);
      }
    }
    await untilBothAreScraped(stack);
    assert.doesNotMatch(identifyProcess(folder.pid('victoria-metrics'))?.command ?? 'AuthKey', /AuthKey/);
  });

  it('starts Redis and the TSDB again when they die', async () => {
    const orchestrator = stack.address('orchestrator');
    const { id } = await runTask(orchestrator, { event_type: 'echo', payload: 'before' });
    for (const name of ['redis-server', 'victoria-metrics']) {
      process.kill(folder.pid(name), 'SIGKILL');
      await until('it is ready again', () => stack.output().includes(`${name} is ready again`), 30_000);
      const line = `^${name} ended with signal SIGKILL\\. It starts again in 0\\.5 s; log: \\S+/${name}\\.log$`;
      assert.match(stack.output(), new RegExp(line, 'm'));
    }
    await untilBothAreScraped(stack);
    const isReady = async () => (await request(`${orchestrator}/health/ready`)).status === 200;
    await until('the orchestrator is ready', isReady, 30_000);
    assert.equal((await taskIn(orchestrator, id, ['completed'])).payload, 'before');
    await runTask(orchestrator, { event_type: 'echo', payload: 'after' });
  });

  it('stops all servers at Ctrl-C', async () => {
    const pids = folder.running().map(({ pid }) => pid);
    assert.equal(pids.length, 4);
    // The terminal and npm both send the signal.
    stack.child.kill('SIGINT');
    stack.child.kill('SIGINT');
    assert.equal(await stack.exited, 0, stack.output());
    assert.match(
      stack.output(),
      /orchestrator stopped.*workers stopped.*victoria-metrics stopped.*redis-server stopped/s,
    );
    for (const pid of pids) assert.equal(identifyProcess(pid), undefined);
  });
});

test('continues with the data of an earlier start, also of a killed one whose children still run', async (t) => {
  const folder = await LocalStackFolder.create(t);
  const first = folder.start();
  await first.up();
  const { id } = await runTask(first.address('orchestrator'), {
    event_type: 'repository.report',
    payload: { path: 'no-such-folder' },
  });
  const left = { redis: folder.pid('redis-server'), victoriaMetrics: folder.pid('victoria-metrics') };
  first.child.kill('SIGKILL');
  await first.exited;
  const names = () => folder.running().map(({ name }) => name);
  await until('the services end by themselves', () => names().length === 2);
  assert.deepEqual(names().sort(), ['redis-server', 'victoria-metrics']);

  const second = folder.start();
  await second.up();
  assert.match(
    second.output(),
    new RegExp(`stopping redis-server \\(process ${left.redis}\\) of an earlier start`),
  );
  assert.equal(identifyProcess(left.redis), undefined);
  assert.equal(identifyProcess(left.victoriaMetrics), undefined);
  const task = await taskIn(second.address('orchestrator'), id, ['dead']);
  assert.match(task.error.message, /expected a folder in the workspace/);
  assert.ok(existsSync(join(folder.path, 'logs/redis-server.1.log')));
});

test('uses the given servers and starts none of its own', async (t) => {
  const folder = await LocalStackFolder.create(t);
  const redis = await startRedis(t);
  const victoriaMetrics = await startVictoriaMetrics(t);
  const stack = folder.start({
    env: { REDIS_URL: redis.url, VICTORIAMETRICS_URL: victoriaMetrics.url, PATH: '' },
  });
  await stack.up();
  assert.deepEqual(
    folder
      .running()
      .map(({ name }) => name)
      .sort(),
    ['orchestrator', 'workers'],
  );
  assert.match(
    stack.output(),
    /must scrape both services\. How to:\n {2}\S*src\/infrastructure\/metrics\/SCRAPE_CONFIG\.md/,
  );
  stack.child.kill('SIGINT');
  assert.equal(await stack.exited, 0);
  assert.equal(redis.child.exitCode, null);
});

test('sends demo traffic to both services, with the tokens', async (t) => {
  const folder = await LocalStackFolder.create(t);
  const env = { API_TOKEN: 'api-token-1', METRICS_TOKEN: 'metrics-token-1' };
  const stack = folder.start({ args: ['--demo'], env });
  await stack.up();
  await untilBothAreScraped(stack);
  assert.match(stack.output(), /demo traffic +on/);
  const processed = 'sum(asdlc_events_processed_total{event_type="demo.fast",status="success"})';
  const counted = () => queryLocalTsdb(stack, processed);
  await until('demo.fast is processed', async () => ((await counted()) ?? 0) > 0, 30_000);
  const pid = folder.pid('demo');
  stack.child.kill('SIGINT');
  assert.equal(await stack.exited, 0, stack.output());
  assert.equal(identifyProcess(pid), undefined);
});

test('kills slow children at a second Ctrl-C 2 s later', async (t) => {
  const folder = await LocalStackFolder.create(t);
  const stack = folder.start({ env: { WORKER_HANDLERS: HANDLERS } });
  await stack.up();
  const url = stack.address('orchestrator');
  await post(`${url}/api/tasks`, { event_type: 'slow', payload: { ms: 60_000 } });
  const isBusy = async () => (await sample(stack.address('workers'), 'asdlc_active_workers')) === 1;
  await until('the task runs', isBusy);
  stack.child.kill('SIGINT');
  const interruptedAt = performance.now();
  await until('2 s have passed', () => performance.now() - interruptedAt > 2_100);
  assert.equal(stack.child.exitCode, null);
  stack.child.kill('SIGINT');
  assert.equal(await stack.exited, 1); // 0 had it waited for the task
  await until('all children have ended', () => folder.running().length === 0);
});

test('stops all servers when a signal comes during the start', async (t) => {
  const folder = await LocalStackFolder.create(t);
  const stack = folder.start();
  await until('Redis is ready', () => stack.output().includes('✓ redis-server'));
  stack.child.kill('SIGINT');
  assert.equal(await stack.exited, 0, stack.output());
  assert.deepEqual(folder.running(), []);
});
