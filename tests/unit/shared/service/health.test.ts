import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import Fastify from 'fastify';
import { healthRoutes } from '../../../../src/shared/service/health.ts';

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
