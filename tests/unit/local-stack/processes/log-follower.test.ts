import assert from 'node:assert/strict';
import { appendFileSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { LogFollower } from '../../../../src/local-stack/processes/log-follower.ts';

const line = (level: number, msg: string) => `${JSON.stringify({ level, msg })}\n`;

test('reports warnings and errors, the same text once', (t) => {
  const { path, reported, follower } = follow(t);
  appendFileSync(path, `${line(30, 'listening')}${line(40, 'warned')}no JSON\n${line(50, 'failed')}`);
  follower.poll();
  appendFileSync(path, line(40, 'warned') + line(60, 'died'));
  follower.poll();
  assert.deepEqual(reported, ['warned', 'failed', 'died']);
});

test('reports a line that arrives in two pieces, cut within a character', (t) => {
  const { path, reported, follower } = follow(t);
  const bytes = Buffer.from(line(40, 'Größe'));
  const middle = bytes.indexOf('ö') + 1;
  appendFileSync(path, bytes.subarray(0, middle));
  follower.poll();
  assert.deepEqual(reported, []);
  appendFileSync(path, bytes.subarray(middle));
  follower.poll();
  assert.deepEqual(reported, ['Größe']);
});

test('names the event type and the id of the task, and reports one failure of an event type in 10 s', (t) => {
  const { path, reported, follower } = follow(t);
  const failed = (event_type: string, task_id: string) =>
    `${JSON.stringify({ level: 40, msg: 'task failed', error: { message: 'boom' }, event_type, task_id })}\n`;
  appendFileSync(path, failed('a.x', '1') + failed('a.x', '2') + failed('b.y\u001b[2J', '3'));
  follower.poll();
  assert.deepEqual(reported, ['task failed: boom (a.x 1)', 'task failed: boom (b.y 3)']);
});

test('rotates a large log while a process has it open, and reports what follows', (t) => {
  const { path, reported, follower } = follow(t, 1_000);
  const file = openSync(path, 'a');
  t.after(() => closeSync(file));
  const older = path.replace('.log', '.1.log');
  for (const round of [1, 2, 3]) {
    writeSync(file, line(40, `round ${round} ${'x'.repeat(1_000)}`));
    writeSync(file, line(40, `end of round ${round}`));
    follower.poll();
    assert.equal(readFileSync(path, 'utf8'), '');
    assert.match(readFileSync(older, 'utf8'), new RegExp(`round ${round} x+.*end of round ${round}`, 's'));
  }
  writeSync(file, line(40, 'short'));
  follower.poll();
  assert.equal(readFileSync(path, 'utf8'), line(40, 'short'));
  assert.deepEqual(
    reported.map((text) => text.slice(0, 14)),
    [
      'round 1 xxxxxx',
      'end of round 1',
      'round 2 xxxxxx',
      'end of round 2',
      'round 3 xxxxxx',
      'end of round 3',
      'short',
    ],
  );
});

function follow(t: TestContext, maxBytes?: number) {
  const folder = mkdtempSync(join(tmpdir(), 'asdlc-log-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'service.log');
  const reported: string[] = [];
  const follower = new LogFollower(path, {
    onWarning: (text) => reported.push(text),
    ...(maxBytes !== undefined && { maxBytes }),
  });
  t.after(() => follower.close());
  return { path, reported, follower };
}
