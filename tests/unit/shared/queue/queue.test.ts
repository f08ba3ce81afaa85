import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { dataOf, retryDelayMs } from '../../../../src/shared/queue/queue.ts';

describe('retryDelayMs', () => {
  it('doubles, less a random part of up to one half', () => {
    assert.deepEqual(
      [1, 2, 3, 4].map((attempt) => retryDelayMs(attempt, 1_000, 0)),
      [1_000, 2_000, 4_000, 8_000],
    );
    assert.equal(retryDelayMs(2, 1_000, 1), 1_000);
  });

  it('is at most five minutes after any number of attempts', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 604_800_000 }),
        (attempts, firstMs) => {
          const delayMs = retryDelayMs(attempts, firstMs);
          assert.ok(delayMs >= 0 && delayMs <= 300_000);
        },
      ),
    );
  });
});

describe('dataOf', () => {
  it('returns the data of a task that came through the orchestrator', () => {
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const data = { payload: 1, traceparent, tracestate: 'a=1', due: 5 };
    assert.deepEqual(dataOf({ data }), data);
  });

  it('drops invalid data of any other task', () => {
    for (const data of [null, undefined, 'text', 1, [], { traceparent: 1, tracestate: 'a=1', due: 'soon' }])
      assert.deepEqual(dataOf({ data }), { payload: undefined });
  });
});
