import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { LogFollower } from '../../../../src/local-stack/processes/log-follower.ts';

const line = (level: number, msg: string) => `${JSON.stringify({ level, msg })}\n`;

test('reports warnings and errors, the same text once', (t) => {
  const { path, reported, follower } = follow(t);
  appendFileSync(path, `${line(30, 'listening')}${line(40, 'warned')}no JSON\n${line(50, 'failed')}`);
  follower.read();
  appendFileSync(path, line(40, 'warned') + line(60, 'died'));
  follower.read();
  assert.deepEqual(reported, ['warned', 'failed', 'died']);
});

test('reports a line that arrives in two pieces, cut within a character', (t) => {
  const { path, reported, follower } = follow(t);
  const bytes = Buffer.from(line(40, 'Größe'));
  const middle = bytes.indexOf('ö') + 1;
  appendFileSync(path, bytes.subarray(0, middle));
  follower.read();
  assert.deepEqual(reported, []);
  appendFileSync(path, bytes.subarray(middle));
  follower.read();
  assert.deepEqual(reported, ['Größe']);
});

function follow(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'asdlc-log-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'service.log');
  const reported: string[] = [];
  const follower = new LogFollower(path, (text) => reported.push(text));
  t.after(() => follower.close());
  return { path, reported, follower };
}
