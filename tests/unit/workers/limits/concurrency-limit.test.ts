import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { WakeResult } from '../../../../src/shared/queue/bullmq-schema.ts';
import { ConcurrencyLimit } from '../../../../src/workers/limits/concurrency-limit.ts';

/** Waking a task has the result that `results` names, else `woken`. Notes the ids in `woken`. */
function setUp(max: number, results: Readonly<Record<string, WakeResult>> = {}) {
  const woken: string[] = [];
  const limit = new ConcurrencyLimit(max, async (id) => {
    woken.push(id);
    return results[id] ?? 'woken';
  });
  return { limit, woken };
}

describe('ConcurrencyLimit', () => {
  it('has room until the limit is reached, and again when a task has ended', () => {
    const { limit } = setUp(2);
    const leave = limit.enter('a');
    assert.equal(limit.hasRoom(), true);
    limit.enter('b');
    assert.equal(limit.hasRoom(), false);
    leave();
    assert.equal(limit.hasRoom(), true);
  });

  it('wakes one task for each that ends, in the order in which they came', async () => {
    const { limit, woken } = setUp(1);
    let leave = limit.enter('running');
    for (const id of ['a', 'b', 'c']) limit.park(id);
    for (const id of ['a', 'b', 'c']) {
      leave();
      await turn();
      assert.equal(woken.at(-1), id);
      leave = limit.enter(id);
    }
    assert.deepEqual(woken, ['a', 'b', 'c']);
  });

  it('keeps the place of a woken task that found no room', async () => {
    const { limit, woken } = setUp(1);
    const leave = limit.enter('running');
    for (const id of ['a', 'b']) limit.park(id);
    leave();
    await turn();
    const leaveOther = limit.enter('in between');
    limit.park('a');
    leaveOther();
    await turn();
    assert.deepEqual(woken, ['a', 'a']);
  });

  it('wakes the next task when one is gone', async () => {
    const { limit, woken } = setUp(1, { a: 'gone' });
    const leave = limit.enter('running');
    for (const id of ['a', 'b']) limit.park(id);
    leave();
    await turn();
    assert.deepEqual(woken, ['a', 'b']);
  });

  it('wakes no further task while the queue is paused', async () => {
    const { limit, woken } = setUp(2, { a: 'paused' });
    limit.park('a');
    await turn();
    limit.park('b');
    await turn();
    assert.deepEqual(woken, ['a', 'a']);
  });

  it('lets refused tasks come back by themselves after 0.5 s, no closer together than 20 ms', (t) => {
    t.mock.method(performance, 'now', () => 1_000);
    const { limit } = setUp(1);
    const returns = Array.from({ length: 100 }, () => limit.nextReturnMs());
    assert.deepEqual([returns[0], returns[99]], [500, 500 + 99 * 20]);
  });
});
