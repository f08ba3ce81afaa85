import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findProgram } from '../../src/local-stack/processes/find-program.ts';
import { type LocalStack, LocalStackFolder } from '../support/local-stack-process.ts';
import { temporaryFolder } from '../support/processes.ts';

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

test('says that a given server does not answer', async (t) => {
  const folder = await LocalStackFolder.create(t);
  const stack = folder.start({ env: { REDIS_URL: 'redis://:secret@127.0.0.1:1' } });
  assert.equal(await stack.exited, 1);
  assert.match(stack.output(), /✗ Redis \(REDIS_URL\) was not ready within 5 s: .*ECONNREFUSED/);
  assert.doesNotMatch(stack.output(), /secret/);
  assert.deepEqual(folder.running(), []);
});

test('shows the last log lines of a server that cannot start, and stops the others', async (t) => {
  const folder = await LocalStackFolder.create(t);
  const stack = folder.start({ env: { WORKER_HANDLERS: '/no/such/module.ts' } });
  assert.equal(await stack.exited, 1);
  assert.match(stack.output(), /✗ workers ended with exit code 1 during the start; log: .*workers\.log/);
  assert.match(stack.output(), /^ {4}.*\/no\/such\/module\.ts/m);
  assert.deepEqual(folder.running(), []);
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
