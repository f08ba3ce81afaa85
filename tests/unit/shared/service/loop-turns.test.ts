import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inTurn } from '../../../../src/shared/service/loop-turns.ts';

describe('inTurn', () => {
  it('runs steps in order, what follows from each at once, and others between two', async () => {
    const order: string[] = [];
    const run = async (name: string) => {
      await inTurn(() => order.push(name));
      order.push(`after ${name}`);
    };
    const others = () => {
      order.push('others');
      if (order.length < 12) setImmediate(others);
    };
    const all = ['a', 'b', 'c'].map(run);
    setImmediate(others);
    await Promise.all(all);
    assert.deepEqual(order, ['a', 'after a', 'others', 'b', 'after b', 'others', 'c', 'after c']);
  });

  it('rejects with what a step throws, and goes on', async () => {
    const failing = inTurn(() => {
      throw new Error('no');
    });
    const next = inTurn(() => 1);
    await assert.rejects(failing, /no/);
    assert.equal(await next, 1);
  });
});
