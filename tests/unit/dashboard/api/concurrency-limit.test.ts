import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createConcurrencyLimit } from '../../../../dashboard/src/api/concurrency-limit.ts';

describe('createConcurrencyLimit', () => {
  it('runs as many at once as the limit, and the others in order', async () => {
    const withinLimit = createConcurrencyLimit(2);
    const started: number[] = [];
    const ends = [0, 1, 2, 3].map(() => Promise.withResolvers<void>());
    const all = ends.map(({ promise }, i) =>
      withinLimit(() => {
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

  it('goes on after a failure', async () => {
    const withinLimit = createConcurrencyLimit(1);
    await assert.rejects(
      withinLimit(() => Promise.reject(new Error('down'))),
      /down/,
    );
    assert.equal(await withinLimit(async () => 'next'), 'next');
  });

  it('drops what is aborted while it waits', async () => {
    const withinLimit = createConcurrencyLimit(1);
    const first = Promise.withResolvers<void>();
    const running = withinLimit(() => first.promise);
    const controller = new AbortController();
    const aborted = withinLimit(() => Promise.reject(new Error('was run')), controller.signal);
    const third = withinLimit(async () => 'third');
    controller.abort(new Error('left'));
    await assert.rejects(aborted, /left/);
    first.resolve();
    await running;
    assert.equal(await third, 'third');
  });
});
