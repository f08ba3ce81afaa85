import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConcurrencyLimiter } from '../../../../src/infrastructure/victoria-metrics/concurrency-limiter.ts';

describe('ConcurrencyLimiter', () => {
  const never = new Promise<undefined>(() => undefined);

  it('runs as many calls as allowed at once, and the waiting ones in order', async () => {
    const limiter = new ConcurrencyLimiter({ concurrency: 2, queueLength: 10, waitMs: 10_000 });
    const releases = [await limiter.acquire(never), await limiter.acquire(never)];
    const order: string[] = [];
    const third = limiter.acquire(never).then((release) => {
      order.push('third');
      return release;
    });
    const fourth = limiter.acquire(never).then((release) => {
      order.push('fourth');
      return release;
    });
    releases[0]?.();
    (await third)();
    (await fourth)();
    releases[1]?.();
    assert.deepEqual(order, ['third', 'fourth']);
  });

  it('refuses a call when the queue is full, and frees the place of one that gave up', async () => {
    const limiter = new ConcurrencyLimiter({ concurrency: 1, queueLength: 1, waitMs: 10_000 });
    const release = await limiter.acquire(never);
    const impatient = Promise.withResolvers<Error>();
    const waiting = limiter.acquire(impatient.promise);
    await assert.rejects(limiter.acquire(never), { errorType: 'unavailable' });
    impatient.resolve(new Error('gave up'));
    await assert.rejects(waiting, { message: 'gave up' });
    const next = limiter.acquire(never);
    release();
    (await next)();
    (await limiter.acquire(never))();
  });

  it('rejects a call that waits too long, and reports the reason', async () => {
    const limiter = new ConcurrencyLimiter({ concurrency: 1, queueLength: 1, waitMs: 20 });
    const release = await limiter.acquire(never);
    const reasons: string[] = [];
    const waiting = limiter.acquire(never, (reason) => reasons.push(reason));
    await assert.rejects(
      limiter.acquire(never, (reason) => reasons.push(reason)),
      { errorType: 'unavailable', retryAfterSeconds: 5 },
    );
    await assert.rejects(waiting, { errorType: 'unavailable' });
    assert.deepEqual(reasons, ['queue_full', 'queue_timeout']);
    release();
    (await limiter.acquire(never))();
  });
});
