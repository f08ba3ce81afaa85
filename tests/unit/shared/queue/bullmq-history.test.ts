import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addEntry, formatAttempt } from '../../../../src/shared/queue/bullmq-history.ts';

const attempt = {
  number: 1,
  startedMs: 1,
  endedMs: 2,
  worker: 'w',
  outcome: 'failed',
  error: { name: 'Error', message: 'm', stack: 's' },
} as const;

describe('the history of a task', () => {
  it('has an attempt as one line of at most 8 KiB, whatever its texts are', () => {
    assert.deepEqual(JSON.parse(formatAttempt(attempt)), attempt);
    for (const text of ['x', '\u0001', '\n', '"', '\uD800']) {
      const error = { name: 'Error', message: text.repeat(2_000), stack: text.repeat(8_192) };
      const line = formatAttempt({ ...attempt, error });
      assert.ok(line.length <= 8_192 && !line.includes('\n'), `${JSON.stringify(text)}: ${line.length}`);
      assert.ok(JSON.parse(line).error.message.startsWith(text));
    }
  });

  it('keeps the last 20 attempts, and fewer if they are long', () => {
    const entries = Array.from({ length: 25 }, (_, i) => `{"i":${i}}`);
    assert.equal(entries.reduce(addEntry, ''), entries.slice(-20).join('\n'));
    const long = Array.from({ length: 25 }, () => 'x'.repeat(8_192));
    assert.equal(long.reduce(addEntry, '').split('\n').length, 7);
    assert.equal(addEntry('x'.repeat(70_000), '{}'), '{}');
  });
});
