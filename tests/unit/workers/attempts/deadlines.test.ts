import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { Deadlines } from '../../../../src/workers/attempts/deadlines.ts';

describe('Deadlines', () => {
  it('expire each entry once, at its own time, in order', (t) => {
    const { tick, entry, expired } = setUp(t);
    const deadlines = new Deadlines(1_000);
    deadlines.add(entry('a'));
    tick(400);
    deadlines.add(entry('b'));
    deadlines.add(entry('c'));
    tick(599);
    assert.deepEqual(expired, []);
    tick(1);
    assert.deepEqual(expired, ['a']);
    tick(400);
    assert.deepEqual(expired, ['a', 'b', 'c']);
    tick(5_000);
    assert.deepEqual(expired, ['a', 'b', 'c']);
  });

  it('spare what was removed, and begin anew once nothing is left', (t) => {
    const { tick, entry, expired } = setUp(t);
    const deadlines = new Deadlines(1_000);
    const removed = entry('removed');
    deadlines.add(removed);
    deadlines.remove(removed);
    tick(3_000);
    deadlines.add(entry('later'));
    tick(999);
    assert.deepEqual(expired, []);
    tick(1);
    assert.deepEqual(expired, ['later']);
  });

  it('take what is added or removed while one expires, with one timer still', (t) => {
    const { tick, entry, expired, timers } = setUp(t);
    const deadlines = new Deadlines(1_000);
    const second = entry('second');
    const third = entry('third');
    deadlines.add({
      expire: () => {
        deadlines.remove(second);
        deadlines.add(third);
      },
    });
    deadlines.add(second);
    tick(1_000);
    assert.deepEqual(expired, []);
    assert.equal(timers(), 2, 'the first, and that of what was added');
    tick(1_000);
    assert.deepEqual(expired, ['third']);
    assert.equal(timers(), 2);
  });
});

/** A clock that both timers and `performance.now()` go by. */
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
