import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DataFolder } from '../../../../src/local-stack/processes/data-folder.ts';
import { stopLeftovers } from '../../../../src/local-stack/processes/leftover-processes.ts';
import { identifyProcess } from '../../../../src/local-stack/processes/process-identity.ts';

test('lets only one start at a time use the folder', (t) => {
  const path = temporaryFolder(t);
  const folder = new DataFolder(path);
  assert.throws(() => new DataFolder(path), {
    code: 'ASDLC_FOLDER_UNUSABLE',
    message: new RegExp(`Another local stack \\(process ${process.pid}\\) uses .*ASDLC_DATA_DIR`),
  });
  folder.release();
  new DataFolder(path).release();
});

test('takes the folder over from a killed start, even if another process has its id now', (t) => {
  const path = temporaryFolder(t);
  const folder = new DataFolder(path);
  const lock = join(path, 'local-stack.lock');
  const held = JSON.parse(readFileSync(lock, 'utf8'));
  for (const text of [JSON.stringify({ ...held, startedAt: 'another time' }), '', 'no JSON']) {
    writeFileSync(lock, text);
    new DataFolder(path);
  }
  folder.release();
  assert.equal(existsSync(lock), false);
});

test('says that the path is not a folder', (t) => {
  const path = join(temporaryFolder(t), 'file');
  writeFileSync(path, '');
  assert.throws(() => new DataFolder(path), {
    code: 'ASDLC_FOLDER_UNUSABLE',
    message: /^ASDLC_DATA_DIR: expected a folder that this user can write to; got .*file/,
  });
});

test('records running children for the next start and forgets those that ended', async (t) => {
  const path = temporaryFolder(t);
  const { pid, child } = await start(t, 'setInterval(() => {}, 1000)');
  const first = new DataFolder(path);
  first.record({ ...identify(pid), name: 'redis-server' });
  first.record({ ...identify(process.pid), startedAt: 'another time', name: 'workers' });
  first.release();

  const second = new DataFolder(path);
  assert.deepEqual(
    second.leftovers().map(({ name }) => name),
    ['redis-server'],
  );
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.deepEqual(second.leftovers(), []);
});

test('stops the children of an earlier start, also one that ignores SIGTERM', async (t) => {
  const folder = new DataFolder(temporaryFolder(t));
  const { pid } = await start(t, "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)");
  folder.record({ ...identify(pid), name: 'redis-server' });
  const lines: string[] = [];
  const line = (text: string) => void lines.push(text);
  const terminal = { line, ready: () => {}, warning: () => {}, problem: () => {} };
  await stopLeftovers(folder, terminal, new AbortController().signal, 50);
  assert.equal(identifyProcess(pid), undefined);
  assert.deepEqual(lines, [`stopping redis-server (process ${pid}) of an earlier start …`]);
  assert.deepEqual(folder.leftovers(), []);
});

test('stops waiting for leftovers when the user stops the start', async (t) => {
  const folder = new DataFolder(temporaryFolder(t));
  const { pid } = await start(t, "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)");
  folder.record({ ...identify(pid), name: 'redis-server' });
  const terminal = { line: () => {}, ready: () => {}, warning: () => {}, problem: () => {} };
  const stop = AbortSignal.timeout(50);
  await assert.rejects(stopLeftovers(folder, terminal, stop), { code: 'ASDLC_INTERRUPTED' });
  assert.equal(folder.leftovers().length, 1);
});

test('throws the error of a full disk when it records a process, and ignores it when it forgets one', (t) => {
  const path = temporaryFolder(t);
  const folder = new DataFolder(path);
  symlinkSync('/dev/full', join(path, 'processes.json.new'));
  assert.throws(() => folder.record({ ...identify(process.pid), name: 'redis-server' }), { code: 'ENOSPC' });
  folder.forget(process.pid);
});

async function start(t: TestContext, script: string) {
  const child = spawn(process.execPath, ['-e', `${script}; console.log('up')`]);
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return { child, pid: child.pid ?? assert.fail('expected a process id') };
}

function identify(pid: number) {
  return identifyProcess(pid) ?? assert.fail(`expected process ${pid} to run`);
}

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'asdlc-folder-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
