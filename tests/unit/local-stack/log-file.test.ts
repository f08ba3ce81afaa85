import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { LogFollower, lastLines, readableLine } from '../../../src/local-stack/log-file.ts';

const line = (level: number, msg: string, more: object = {}) =>
  `${JSON.stringify({ level, msg, ...more })}\n`;

test('shows a line of pino as its message and its cause', () => {
  assert.deepEqual(readableLine('{"level":40,"msg":"no connection","reason":"refused"}'), {
    level: 40,
    text: 'no connection: refused',
  });
  assert.equal(readableLine('{"level":50,"msg":"failed","error":{"message":"why"}}').text, 'failed: why');
});

test('shows any other line as it is, with level 0', () => {
  for (const text of ['plain', '{"broken', '{"msg":"no level"}', '']) {
    assert.deepEqual(readableLine(text), { level: 0, text });
  }
});

test('lets no line steer the terminal', () => {
  const hostile = JSON.stringify({ level: 40, msg: '\u001b[2Jred\u001b]0;title\u0007\r\nsecond' });
  assert.equal(readableLine(hostile).text, 'red second');
});

test('tells warnings and worse, the same one once', (t) => {
  const { path, told, follower } = follow(t);
  appendFileSync(path, `${line(30, 'listening')}${line(40, 'warned')}not of pino\n${line(50, 'failed')}`);
  follower.read();
  appendFileSync(path, line(40, 'warned') + line(60, 'died'));
  follower.read();
  assert.deepEqual(told, ['warned', 'failed', 'died']);
});

test('tells a line that was written in two parts, though one ends within a character', (t) => {
  const { path, told, follower } = follow(t);
  const bytes = Buffer.from(line(40, 'Größe'));
  const middle = bytes.indexOf('ö') + 1;
  appendFileSync(path, bytes.subarray(0, middle));
  follower.read();
  assert.deepEqual(told, []);
  appendFileSync(path, bytes.subarray(middle));
  follower.read();
  assert.deepEqual(told, ['Größe']);
});

test('returns the last lines of a log, and none of a missing one', (t) => {
  const path = temporaryFile(t);
  assert.deepEqual(lastLines(path, 2), []);
  writeFileSync(path, `${'x\n'.repeat(20_000)}before\n${line(30, 'last but one')}\nlast\n`);
  assert.deepEqual(lastLines(path, 2), ['last but one', 'last']);
});

function follow(t: TestContext) {
  const path = temporaryFile(t);
  const told: string[] = [];
  const follower = new LogFollower(path, (text) => told.push(text));
  t.after(() => follower.close());
  return { path, told, follower };
}

function temporaryFile(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'asdlc-log-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'service.log');
}
