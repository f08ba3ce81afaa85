import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatLine } from '../../../../src/shared/queue/bullmq-logs.ts';

const place = { attempt: 2, startedMs: 5, number: 3 };
const formatted = (text: string) => JSON.parse(formatLine(text, { ...place, aheadMs: 100.4 }));

describe('a line of a handler', () => {
  it("has Redis's time, and no field that each line of the task has", () => {
    const text = JSON.stringify({
      level: 30,
      time: 1_000,
      service: 's',
      task_id: 'a',
      event_type: 'b',
      trace_id: 'c',
      n: 1,
      msg: 'm',
    });
    assert.deepEqual(formatted(text), { atMs: 1_100, level: 30, message: 'm', fields: { n: 1 }, ...place });
  });

  it('has up to 4 KiB, whatever is logged', () => {
    const fields = Object.fromEntries(
      Array.from({ length: 50 }, (_, i) => [`f${i}`, { text: 'y'.repeat(500) }]),
    );
    const { fields: kept } = formatted(JSON.stringify({ level: 30, ...fields, last: 1 }));
    assert.ok(Object.keys(kept).length >= 3 && JSON.stringify(kept).length < 2_000);
    for (const msg of ['\u0001', '\u2028', '"']) {
      const line = formatLine(
        JSON.stringify({ level: 30, msg: msg.repeat(9_000), field: msg.repeat(9_000) }),
        { ...place, aheadMs: 0 },
      );
      assert.ok(line.length <= 4_096, `${line.length}`);
      assert.ok(JSON.parse(line).message.startsWith(msg));
    }
  });

  it('is a message where it is no JSON', () => {
    assert.equal(formatted('{"level":').message, '{"level":');
  });
});
