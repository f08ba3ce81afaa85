import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { identifyProcess, readPs } from '../../../src/local-stack/process-identity.ts';

test('tells the same of a process each time, and its command', () => {
  const identity = identifyProcess(process.pid);
  assert.match(identity?.command ?? '', /node/);
  assert.deepEqual(identifyProcess(process.pid), identity);
});

test('tells of a process also where there is no /proc', () => {
  const identity = readPs(process.pid);
  assert.match(identity?.command ?? '', /node/);
  assert.match(identity?.startedAt ?? '', /\d{4}$/);
  assert.deepEqual(readPs(process.pid), identity);
});

test('knows no process that has ended', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  assert.equal(identifyProcess(child.pid ?? -1), undefined);
  assert.equal(readPs(child.pid ?? -1), undefined);
});
