import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Redis } from 'ioredis';
import { sample } from '../support/http.ts';
import { type RunningServer, startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { adminOf } from '../support/redis-servers.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

const USED = 'asdlc_redis_memory_used_bytes';
const MAX = 'asdlc_redis_memory_max_bytes';

describe('the memory of Redis', () => {
  const scope = suiteScope();
  let redis: RunningServer;
  let admin: Redis;
  let urls: string[];

  before(async () => {
    redis = await startRedis(scope);
    admin = adminOf(scope, redis.url);
    await admin.acl('SETUSER', 'curious', 'on', '>word', '~*', '&*', '+@all');
    const REDIS_URL = redis.url.replace('redis://', 'redis://curious:word@');
    urls = [
      (await startOrchestrator(scope, { REDIS_URL })).url,
      (await startWorkers(scope, { REDIS_URL })).url,
    ];
  });

  it('is shown by both services, and its limit', async () => {
    const limit = 64 * 1024 * 1024;
    for (const maxmemory of [0, limit]) {
      await admin.config('SET', 'maxmemory', String(maxmemory));
      for (const url of urls) {
        assert.equal(await sample(url, MAX), maxmemory);
        const used = Number(await sample(url, USED));
        assert.ok(used > 100_000 && used < limit, `${used}`);
      }
    }
  });

  it('is shown while Redis is out of memory', async () => {
    await admin.config('SET', 'maxmemory', '1');
    for (const url of urls) {
      await until('writes fail', async () => (await sample(url, 'asdlc_redis_connection_up')) === 0);
      assert.equal(await sample(url, MAX), 1);
      assert.ok(Number(await sample(url, USED)) > 1);
    }
    await admin.config('SET', 'maxmemory', '0');
  });

  it('is absent while it is not known: the user may not read INFO, or Redis is away', async () => {
    await admin.acl('SETUSER', 'curious', '-info');
    for (const url of urls) {
      await until('writes work', async () => (await sample(url, 'asdlc_redis_connection_up')) === 1);
      assert.deepEqual([await sample(url, USED), await sample(url, MAX)], [undefined, undefined]);
    }
    await admin.acl('SETUSER', 'curious', '+info');
    for (const url of urls) assert.equal(await sample(url, MAX), 0);
    await redis.stop('SIGKILL');
    for (const url of urls) {
      await until('Redis is away', async () => (await sample(url, 'asdlc_redis_connection_up')) === 0);
      assert.deepEqual([await sample(url, USED), await sample(url, MAX)], [undefined, undefined]);
      const errors = 'asdlc_metrics_collector_errors_total';
      assert.equal(await sample(url, errors, { collector: 'redis_memory' }), 0);
    }
  });
});
