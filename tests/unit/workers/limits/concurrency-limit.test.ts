import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Slots, type Waking } from '../../../../src/workers/limits/concurrency-limit.ts';

/** Slots whose tasks are woken as `answers` says, in the order of `woken`. */
function slotsOf(limit: number, answers: Readonly<Record<string, Waking>> = {}) {
  const woken: string[] = [];
  const slots = new Slots(limit, async (id) => {
    woken.push(id);
    return answers[id] ?? 'woken';
  });
  return { slots, woken };
}

describe('Slots', () => {
  it('has room until the limit is reached, and again when a task has ended', () => {
    const { slots } = slotsOf(2);
    const release = slots.take('a');
    assert.equal(slots.hasRoom(), true);
    slots.take('b');
    assert.equal(slots.hasRoom(), false);
    release();
    assert.equal(slots.hasRoom(), true);
  });

  it('wakes one task for each slot that becomes free, in the order in which they came', async () => {
    const { slots, woken } = slotsOf(1);
    let release = slots.take('running');
    for (const id of ['a', 'b', 'c']) slots.park(id);
    for (const id of ['a', 'b', 'c']) {
      release();
      await turn();
      assert.equal(woken.at(-1), id);
      release = slots.take(id);
    }
    assert.deepEqual(woken, ['a', 'b', 'c']);
  });

  it('keeps the place of a task that was woken and found its slot taken', async () => {
    const { slots, woken } = slotsOf(1);
    const release = slots.take('running');
    for (const id of ['a', 'b']) slots.park(id);
    release();
    await turn();
    const releaseOther = slots.take('in between');
    slots.park('a');
    releaseOther();
    await turn();
    assert.deepEqual(woken, ['a', 'a']);
  });

  it('wakes the next for one that is gone, and none while the queue is paused', async () => {
    const gone = slotsOf(1, { a: 'gone' });
    const release = gone.slots.take('running');
    for (const id of ['a', 'b']) gone.slots.park(id);
    release();
    await turn();
    assert.deepEqual(gone.woken, ['a', 'b']);
    const paused = slotsOf(2, { a: 'paused' });
    paused.slots.park('a');
    await turn();
    paused.slots.park('b');
    await turn();
    assert.deepEqual(paused.woken, ['a', 'a']);
  });

  it('lets refused tasks come back by themselves after 5 s, no closer together than 20 ms', (t) => {
    t.mock.method(performance, 'now', () => 1_000);
    const { slots } = slotsOf(1);
    const returns = Array.from({ length: 100 }, () => slots.nextReturnMs());
    assert.deepEqual([returns[0], returns[99]], [5_000, 5_000 + 99 * 20]);
  });
});
