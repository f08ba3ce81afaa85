import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findProgram } from '../../src/local-stack/processes/find-program.ts';
import { identifyProcess } from '../../src/local-stack/processes/process-identity.ts';
import { post, request, runTask, sample, taskIn } from '../support/http.ts';
import { type LocalStack, LocalStackFolder } from '../support/local-stack-process.ts';
import { REPOSITORY, startRedis, startVictoriaMetrics, temporaryFolder } from '../support/processes.ts';
import { until } from '../support/until.ts';

const HANDLERS = join(REPOSITORY, 'tests/support/handlers.ts');

test('starts all servers, scrapes both services, and stops all servers at Ctrl-C', async (t) => {
  const folder = await LocalStackFolder.create(t);
  const stack = folder.start();
  await stack.up();
  await bothAreScraped(stack);
  assert.match(stack.output(), new RegExp(`dashboard +${stack.address('orchestrator')}/\n`));
  assert.match(stack.output(), new RegExp(`API +${stack.address('orchestrator')}/docs`));
  const task = await runTask(stack.address('orchestrator'), {
    event_type: 'repository.report',
    payload: { path: 'no-such-folder' },
  });
  assert.match(task.error.message, /expected a folder in the workspace/);

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

test('continues with the data of an earlier start', async (t) => {
  const folder = await LocalStackFolder.create(t);
  const env = { WORKER_HANDLERS: HANDLERS };
  const first = folder.start({ env });
  await first.up();
  const { id } = await runTask(first.address('orchestrator'), { event_type: 'echo', payload: 'kept' });
  first.child.kill('SIGTERM');
  assert.equal(await first.exited, 0, first.output());

  const second = folder.start({ env });
  await second.up();
  const task = await taskIn(second.address('orchestrator'), id, ['completed']);
  assert.equal(task.payload, 'kept');
  assert.ok(existsSync(join(folder.path, 'logs/redis-server.1.log')));
});

test('refuses a data folder that another start uses', async (t) => {
  const folder = await LocalStackFolder.create(t);
  const first = folder.start();
  await first.up();
  const second = folder.start();
  assert.equal(await second.exited, 1);
  assertOneLine(second, /Another local stack \(process \d+\) uses .*ASDLC_DATA_DIR/);
  assert.equal((await request(`${first.address('orchestrator')}/health/ready`)).status, 200);
});

test('stops the children of a killed start before it starts its own', async (t) => {
  const folder = await LocalStackFolder.create(t);
  const first = folder.start();
  await first.up();
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
});

for (const variable of ['ORCHESTRATOR_PORT', 'WORKERS_PORT']) {
  test(`says which port another program uses and that ${variable} sets it`, async (t) => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    const { port } = server.address() as { port: number }; // a TCP server has one
    const folder = await LocalStackFolder.create(t);
    const stack = folder.start({ env: { [variable]: String(port) } });
    assert.equal(await stack.exited, 1);
    assertOneLine(
      stack,
      new RegExp(`${variable}: another program uses port ${port} on 127.0.0.1.*${variable}=\\d+ npm start`),
    );
    assert.deepEqual(folder.running(), []);
  });
}

for (const [missing, variable] of [
  ['redis-server', 'REDIS_URL'],
  ['victoria-metrics', 'VICTORIAMETRICS_URL'],
] as const) {
  test(`says that ${missing} is missing and what to do`, async (t) => {
    const folder = await LocalStackFolder.create(t);
    const PATH = await folderWithPrograms(
      t,
      ['redis-server', 'victoria-metrics'].filter((name) => name !== missing),
    );
    const stack = folder.start({ env: { PATH } });
    assert.equal(await stack.exited, 1);
    assertOneLine(
      stack,
      new RegExp(`Expected the program ${missing}.* on PATH, and did not find it.*npm start.*${variable}`),
    );
    assert.deepEqual(folder.running(), []);
  });
}

for (const name of ['redis-server', 'victoria-metrics']) {
  test(`starts ${name} again when it dies`, async (t) => {
    const folder = await LocalStackFolder.create(t);
    const stack = folder.start({ env: { WORKER_HANDLERS: HANDLERS } });
    await stack.up();
    const orchestrator = stack.address('orchestrator');
    const { id } = await runTask(orchestrator, { event_type: 'echo', payload: 'before' });
    await bothAreScraped(stack);
    process.kill(folder.pid(name), 'SIGKILL');
    await until('it is ready again', () => stack.output().includes(`${name} is ready again`), 30_000);
    assert.match(
      stack.output(),
      new RegExp(
        `^${name} ended with signal SIGKILL\\. It starts again in 0\\.5 s; log: \\S+/${name}\\.log$`,
        'm',
      ),
    );
    await bothAreScraped(stack);
    assert.equal((await taskIn(orchestrator, id, ['completed'])).payload, 'before');
    const isReady = async () => (await request(`${orchestrator}/health/ready`)).status === 200;
    await until('the orchestrator is ready', isReady, 30_000);
    await runTask(orchestrator, { event_type: 'echo', payload: 'after' });
    stack.child.kill('SIGINT');
    assert.equal(await stack.exited, 0, stack.output());
    assert.match(stack.output(), /victoria-metrics stopped.*redis-server stopped/s);
    assert.deepEqual(folder.running(), []);
  });
}

test('gives a server up that dies five times within 60 s, and ends everything', async (t) => {
  const folder = await LocalStackFolder.create(t);
  const stack = folder.start();
  await stack.up();
  for (let deaths = 1; deaths <= 5; deaths++) {
    const pid = await until('VictoriaMetrics runs', () => folder.find('victoria-metrics')?.pid, 30_000);
    process.kill(pid, 'SIGKILL');
    await until('it has ended', () => identifyProcess(pid) === undefined);
  }
  assert.equal(await stack.exited, 1);
  assert.match(
    stack.output(),
    /✗ victoria-metrics ended with signal SIGKILL\. It died 5 times within 60 s; log: \S+victoria-metrics\.log\n {4}/,
  );
  assert.deepEqual(folder.running(), []);
});

test('refuses to delete, snapshot or merge the local series without the key', async (t) => {
  const folder = await LocalStackFolder.create(t);
  const stack = folder.start();
  await stack.up();
  await bothAreScraped(stack);
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
  await bothAreScraped(stack);
  assert.doesNotMatch(identifyProcess(folder.pid('victoria-metrics'))?.command ?? 'AuthKey', /AuthKey/);
});

for (const name of ['orchestrator', 'workers']) {
  test(`ends everything when ${name} dies`, async (t) => {
    const folder = await LocalStackFolder.create(t);
    const stack = folder.start();
    await stack.up();
    process.kill(folder.pid(name), 'SIGKILL');
    assert.equal(await stack.exited, 1);
    assert.match(
      stack.output(),
      new RegExp(`✗ ${name} ended with signal SIGKILL; log: \\S+/logs/${name}.log\n`),
    );
    assert.deepEqual(folder.running(), []);
  });
}

test('shows the last log lines of a server that cannot start, and stops the others', async (t) => {
  const folder = await LocalStackFolder.create(t);
  const stack = folder.start({ env: { WORKER_HANDLERS: '/no/such/module.ts' } });
  assert.equal(await stack.exited, 1);
  assert.match(stack.output(), /✗ workers ended with exit code 1 during the start; log: .*workers\.log/);
  assert.match(stack.output(), /^ {4}.*\/no\/such\/module\.ts/m);
  assert.deepEqual(folder.running(), []);
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
    /must scrape both services\. How to:\n {2}src\/infrastructure\/metrics\/SCRAPE_CONFIG\.md/,
  );
  stack.child.kill('SIGINT');
  assert.equal(await stack.exited, 0);
  assert.equal(redis.child.exitCode, null);
});

test('says that a given server does not answer', async (t) => {
  const folder = await LocalStackFolder.create(t);
  const stack = folder.start({ env: { REDIS_URL: 'redis://:secret@127.0.0.1:1' } });
  assert.equal(await stack.exited, 1);
  assert.match(stack.output(), /✗ Redis \(REDIS_URL\) was not ready within 5 s: .*ECONNREFUSED/);
  assert.doesNotMatch(stack.output(), /secret/);
  assert.deepEqual(folder.running(), []);
});

test('sends demo traffic to both services, with the tokens', async (t) => {
  const folder = await LocalStackFolder.create(t);
  const env = { API_TOKEN: 'api-token-1', METRICS_TOKEN: 'metrics-token-1' };
  const stack = folder.start({ args: ['--demo'], env });
  await stack.up();
  await bothAreScraped(stack);
  assert.match(stack.output(), /demo traffic +on/);
  const processed = 'sum(asdlc_events_processed_total{event_type="demo.fast",status="success"})';
  const counted = () => queryValue(stack, processed);
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

test('refuses an unknown option and names the nearest one', async (t) => {
  const folder = await LocalStackFolder.create(t);
  const stack = folder.start({ args: ['--dmeo'] });
  assert.equal(await stack.exited, 1);
  assertOneLine(stack, /Expected --demo, --help or no option; got --dmeo\. Did you mean --demo\?/);
});

test('refuses equal ports before it starts anything', async (t) => {
  const folder = await LocalStackFolder.create(t);
  const stack = folder.start({ env: { ORCHESTRATOR_PORT: '8081', WORKERS_PORT: '8081' } });
  assert.equal(await stack.exited, 1);
  assert.match(
    stack.output(),
    /^✗ .*\n.*ORCHESTRATOR_PORT, WORKERS_PORT: expected two different ports; got 8081 .*\n$/,
  );
  assert.equal(existsSync(folder.path), false);
});

test('names a misspelt variable once and goes on', async (t) => {
  const folder = await LocalStackFolder.create(t);
  const stack = folder.start({ env: { WORKER_POOLSIZE: '3' } });
  await stack.up();
  const lines = stack
    .output()
    .split('\n')
    .filter((line) => line.includes('POOLSIZE'));
  assert.deepEqual(lines, [
    '! asdlc does not know the variable WORKER_POOLSIZE. Did you mean WORKER_POOL_SIZE?',
  ]);
});

test('says in one line that the disk is full, and leaves nothing running', async (t) => {
  const folder = await LocalStackFolder.create(t);
  mkdirSync(folder.path);
  // Writing to /dev/full fails as on a full disk.
  symlinkSync('/dev/full', join(folder.path, 'processes.json.new'));
  const stack = folder.start();
  assert.equal(await stack.exited, 1);
  assert.match(stack.output(), /^✗ The disk is full: ENOSPC: .*\. Free some space, then start again\.$/m);
  assert.doesNotMatch(stack.output(), /^ +at /m);
  assert.match(stack.output(), /redis-server stopped/);
});

test('names the event type and the id of a task that failed', async (t) => {
  const folder = await LocalStackFolder.create(t);
  const stack = folder.start();
  await stack.up();
  const { id } = await runTask(stack.address('orchestrator'), {
    event_type: 'repository.report',
    payload: { path: 'no-such-folder' },
  });
  const line = new RegExp(
    `^workers \\| .*expected a folder in the workspace.* \\(repository\\.report ${id}\\)$`,
    'm',
  );
  await until('the failure is on the terminal', () => line.test(stack.output()));
});

/** Returns a folder for PATH that contains only these programs. */
async function folderWithPrograms(t: TestContext, names: readonly string[]): Promise<string> {
  const path = join(await temporaryFolder(t), 'bin');
  mkdirSync(path);
  for (const name of names) symlinkSync(findProgram([name], ''), join(path, name));
  return path;
}

function assertOneLine(stack: LocalStack, expected: RegExp): void {
  const [line, ...others] = stack.output().trimEnd().split('\n');
  assert.match(line ?? '', expected);
  assert.deepEqual(others, []);
}

async function bothAreScraped(stack: LocalStack): Promise<void> {
  const scraped = () => queryValue(stack, 'count(up{job=~"asdlc-orchestrator|asdlc-workers"} == 1)');
  await until('both services are scraped', async () => (await scraped()) === 2, 30_000);
}

async function queryValue(stack: LocalStack, query: string): Promise<number | undefined> {
  const parameters = new URLSearchParams({ query });
  const { body } = await request(`${stack.address('victoria-metrics')}/api/v1/query?${parameters}`);
  const value = body.data.result[0]?.value[1];
  return value === undefined ? undefined : Number(value);
}
