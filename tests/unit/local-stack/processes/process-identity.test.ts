import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { identifyProcess, readPs } from '../../../../src/local-stack/processes/process-identity.ts';

test('returns the same identity of a process each time, with its command', () => {
  const identity = identifyProcess(process.pid);
  assert.match(identity?.command ?? '', /node/);
  assert.deepEqual(identifyProcess(process.pid), identity);
});

test('identifies a process without /proc', () => {
  const identity = readPs(process.pid);
  assert.match(identity?.command ?? '', /node/);
  assert.match(identity?.startedAt ?? '', /\d{4}$/);
  assert.deepEqual(readPs(process.pid), identity);
});

test('returns undefined for a process that has ended', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  assert.equal(identifyProcess(child.pid ?? -1), undefined);
  assert.equal(readPs(child.pid ?? -1), undefined);
});
