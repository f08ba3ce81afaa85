import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { TimeLimit } from '../../../../src/workers/attempts/time-limit.ts';

describe('TimeLimit', () => {
  it('expires each entry once, at its own time, in order', (t) => {
    const { tick, entry, expired } = setUp(t);
    const timeLimit = new TimeLimit(1_000);
    timeLimit.add(entry('a'));
    tick(400);
    timeLimit.add(entry('b'));
    timeLimit.add(entry('c'));
    tick(599);
    assert.deepEqual(expired, []);
    tick(1);
    assert.deepEqual(expired, ['a']);
    tick(400);
    assert.deepEqual(expired, ['a', 'b', 'c']);
    tick(5_000);
    assert.deepEqual(expired, ['a', 'b', 'c']);
  });

  it('does not expire a removed entry, and starts a new timer once it was empty', (t) => {
    const { tick, entry, expired } = setUp(t);
    const timeLimit = new TimeLimit(1_000);
    const removed = entry('removed');
    timeLimit.add(removed);
    timeLimit.remove(removed);
    tick(3_000);
    timeLimit.add(entry('later'));
    tick(999);
    assert.deepEqual(expired, []);
    tick(1);
    assert.deepEqual(expired, ['later']);
  });

  it('lets an entry that expires add and remove others, and still has one timer', (t) => {
    const { tick, entry, expired, timers } = setUp(t);
    const timeLimit = new TimeLimit(1_000);
    const second = entry('second');
    const third = entry('third');
    timeLimit.add({
      expire: () => {
        timeLimit.remove(second);
        timeLimit.add(third);
      },
    });
    timeLimit.add(second);
    tick(1_000);
    assert.deepEqual(expired, []);
    assert.equal(timers(), 2, 'the first timer, and that of the third entry');
    tick(1_000);
    assert.deepEqual(expired, ['third']);
    assert.equal(timers(), 2);
  });
});

/** Mocks timers and `performance.now()` with one clock. */
function setUp(t: TestContext) {
  let now = 0;
  t.mock.timers.enable({ apis: ['setTimeout'] });
  t.mock.method(performance, 'now', () => now);
  const setTimer = t.mock.method(globalThis, 'setTimeout');
  const expired: string[] = [];
  return {
    tick: (milliseconds: number) => {
      for (let i = 0; i < milliseconds; i++) {
        now++;
        t.mock.timers.tick(1);
      }
    },
    entry: (name: string) => ({ expire: () => void expired.push(name) }),
    expired,
    timers: () => setTimer.mock.callCount(),
  };
}
