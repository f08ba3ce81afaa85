import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { retryDelayMs } from '../../../src/shared/queue.ts';

describe('retryDelayMs', () => {
  it('doubles, with up to half of it taken off at random', () => {
    assert.deepEqual(
      [1, 2, 3, 4].map((attempt) => retryDelayMs(attempt, 1_000, 0)),
      [1_000, 2_000, 4_000, 8_000],
    );
    assert.equal(retryDelayMs(2, 1_000, 1), 1_000);
  });

  it('is five minutes at most, however many attempts there were', () => {
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
