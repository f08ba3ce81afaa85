import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { firstTurns } from '../../../../src/workers/recovery/first-turns.ts';

describe('the first turns of the queues of a process', () => {
  it('are none where there is one queue', () => {
    const [only] = firstTurns(1);
    assert.deepEqual([only?.untilBegun, only?.stalledWaitMs], [undefined, 0]);
  });

  it('begin one after another, in any order', async () => {
    for (const count of [2, 10]) {
      const turns = firstTurns(count);
      const begun: number[] = [];
      await Promise.all(
        turns.map(async (turn, queue) => {
          while (turn.untilBegun) await turn.untilBegun;
          begun.push(queue);
        }),
      );
      assert.equal(new Set(begun).size, count);
    }
    const firsts = Array.from({ length: 100 }, () =>
      firstTurns(2).findIndex(({ untilBegun }) => !untilBegun),
    );
    assert.deepEqual(new Set(firsts), new Set([0, 1]));
  });

  it('start when a queue first asks, not when they are made', (t) => {
    const now = t.mock.method(performance, 'now', () => 1_000);
    const turns = firstTurns(2);
    now.mock.mockImplementation(() => 60_000);
    assert.deepEqual(turns.map(({ untilBegun }) => untilBegun !== undefined).sort(), [false, true]);
    assert.deepEqual(
      turns.map(({ stalledWaitMs }) => stalledWaitMs),
      [2_000, 2_000],
    );
    now.mock.mockImplementation(() => 62_000);
    assert.deepEqual(
      turns.map(({ untilBegun, stalledWaitMs }) => [untilBegun, stalledWaitMs]),
      Array(2).fill([undefined, 0]),
    );
  });
});
