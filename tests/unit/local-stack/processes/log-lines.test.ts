import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { lastLines, readableLine } from '../../../../src/local-stack/processes/log-lines.ts';

test('shows a pino line as its message and its cause', () => {
  assert.deepEqual(readableLine('{"level":40,"msg":"no connection","reason":"refused"}'), {
    level: 40,
    text: 'no connection: refused',
    eventType: undefined,
    taskId: undefined,
  });
  assert.equal(readableLine('{"level":50,"msg":"failed","error":{"message":"why"}}').text, 'failed: why');
});

test('shows any other line unchanged, with level 0', () => {
  for (const text of ['plain', '{"broken', '{"msg":"no level"}', '']) {
    assert.deepEqual(readableLine(text), { level: 0, text });
  }
});

test('removes control characters that would steer the terminal', () => {
  const hostile = JSON.stringify({ level: 40, msg: '\u001b[2Jred\u001b]0;title\u0007\r\nsecond' });
  assert.equal(readableLine(hostile).text, 'red second');
});

test('returns the last lines of a log, and none of a missing log', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'asdlc-log-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'service.log');
  assert.deepEqual(lastLines(path, 2), []);
  const lastButOne = '{"level":30,"msg":"last but one"}\n';
  writeFileSync(path, `${'x\n'.repeat(20_000)}before\n${lastButOne}\nlast\n`);
  assert.deepEqual(lastLines(path, 2), ['last but one', 'last']);
});
