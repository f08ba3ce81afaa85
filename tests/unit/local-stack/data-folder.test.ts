import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DataFolder } from '../../../src/local-stack/data-folder.ts';
import { stopLeftovers } from '../../../src/local-stack/leftover.ts';
import { identifyProcess } from '../../../src/local-stack/process-identity.ts';

test('is had by one start at a time', (t) => {
  const path = temporaryFolder(t);
  const folder = new DataFolder(path);
  assert.throws(() => new DataFolder(path), {
    code: 'ASDLC_FOLDER_UNUSABLE',
    message: new RegExp(`Another start \\(process ${process.pid}\\) runs on .*ASDLC_DATA_DIR`),
  });
  folder.release();
  new DataFolder(path).release();
});

test('is taken over from a start that was killed, though its process id lives again', (t) => {
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

test('says that it is no folder', (t) => {
  const path = join(temporaryFolder(t), 'file');
  writeFileSync(path, '');
  assert.throws(() => new DataFolder(path), {
    code: 'ASDLC_FOLDER_UNUSABLE',
    message: /^ASDLC_DATA_DIR: expected a folder that can be written; .*file/,
  });
});

test('remembers what runs, for the next start, and forgets what has ended', async (t) => {
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

test('is rid of leftovers, also of one that ignores SIGTERM', async (t) => {
  const folder = new DataFolder(temporaryFolder(t));
  const { pid } = await start(t, "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)");
  folder.record({ ...identify(pid), name: 'redis-server' });
  const lines: string[] = [];
  const terminal = { line: (text: string) => void lines.push(text), ready: () => {}, problem: () => {} };
  await stopLeftovers(folder, terminal, 50);
  assert.equal(identifyProcess(pid), undefined);
  assert.deepEqual(lines, [`stopping redis-server (process ${pid}), left over from an earlier start …`]);
  assert.deepEqual(folder.leftovers(), []);
});

async function start(t: TestContext, script: string) {
  const child = spawn(process.execPath, ['-e', `${script}; console.log('up')`]);
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return { child, pid: child.pid ?? assert.fail('it has no process id') };
}

function identify(pid: number) {
  return identifyProcess(pid) ?? assert.fail(`expected process ${pid} to run`);
}

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'asdlc-folder-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
