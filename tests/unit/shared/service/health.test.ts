import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import Fastify from 'fastify';
import type { Redis } from 'ioredis';
import { healthRoutes, RedisHealthChecker } from '../../../../src/shared/service/health.ts';

/** A connection that replies to PING as the test says. */
const redisThat = (ping: () => Promise<string>) => ({ status: 'ready', ping }) as unknown as Redis; // the checker uses no more

describe('RedisHealthChecker', () => {
  it('is up when Redis replies to PING', async () => {
    assert.equal((await new RedisHealthChecker(redisThat(async () => 'PONG')).check()).up, true);
  });

  it('is down when PING fails or takes longer than the limit', async () => {
    const failing = await new RedisHealthChecker(
      redisThat(() => Promise.reject(new Error('READONLY'))),
    ).check();
    assert.deepEqual([failing.up, failing.error], [false, 'READONLY']);
    const late = await new RedisHealthChecker(
      redisThat(() => new Promise(() => undefined)),
      20,
    ).check();
    assert.deepEqual([late.up, late.error], [false, 'no reply within 20 ms']);
  });

  it('sends one PING for concurrent callers, and another for later ones', async () => {
    let pings = 0;
    const checker = new RedisHealthChecker(redisThat(async () => `PONG ${++pings}`));
    await Promise.all([checker.check(), checker.check(), checker.check()]);
    assert.equal(pings, 1);
    await checker.check();
    assert.equal(pings, 2);
  });
});

describe('healthRoutes', () => {
  it('is not ready while a check is down, names that check, and stays live', async (t) => {
    const app = Fastify();
    t.after(() => app.close());
    const checks = {
      redis: async () => ({ up: false, latencyMs: 1, error: 'not connected' }),
      pool: async () => ({ up: true, latencyMs: 0 }),
    };
    await app.register(healthRoutes, { service: 's', version: '1.0.0', checks });
    const ready = await app.inject('/health/ready');
    assert.equal(ready.statusCode, 503);
    const body = ready.json();
    assert.deepEqual(
      [body.status, body.checks.redis.error, body.checks.pool.status],
      ['not_ready', 'not connected', 'up'],
    );
    assert.deepEqual(
      [(await app.inject('/health')).statusCode, (await app.inject('/health/live')).statusCode],
      [503, 200],
    );
  });
});
