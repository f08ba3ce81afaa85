import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createConcurrencyLimit } from '../../../dashboard/src/api/concurrency-limit.ts';

describe('createConcurrencyLimit', () => {
  it('runs so many at once, and the rest in order', async () => {
    const lane = createConcurrencyLimit(2);
    const started: number[] = [];
    const ends = [0, 1, 2, 3].map(() => Promise.withResolvers<void>());
    const all = ends.map(({ promise }, i) =>
      lane(() => {
        started.push(i);
        return promise;
      }),
    );
    await Promise.resolve();
    assert.deepEqual(started, [0, 1]);
    ends[1]?.resolve();
    await all[1];
    await new Promise(setImmediate);
    assert.deepEqual(started, [0, 1, 2]);
    for (const { resolve } of ends) resolve();
    await Promise.all(all);
    assert.deepEqual(started, [0, 1, 2, 3]);
  });

  it('goes on after a task that fails', async () => {
    const lane = createConcurrencyLimit(1);
    await assert.rejects(
      lane(() => Promise.reject(new Error('down'))),
      /down/,
    );
    assert.equal(await lane(async () => 'next'), 'next');
  });

  it('forgets who is aborted while waiting', async () => {
    const lane = createConcurrencyLimit(1);
    const first = Promise.withResolvers<void>();
    const running = lane(() => first.promise);
    const controller = new AbortController();
    const aborted = lane(() => Promise.reject(new Error('was run')), controller.signal);
    const third = lane(async () => 'third');
    controller.abort(new Error('left'));
    await assert.rejects(aborted, /left/);
    first.resolve();
    await running;
    assert.equal(await third, 'third');
  });
});
