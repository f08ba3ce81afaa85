import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Redis, ReplyError } from 'ioredis';
import { RedisCheck } from '../../../../../src/shared/queue/redis/redis-check.ts';
import { until } from '../../../../support/until.ts';

/** A connection that replies to EVAL as the test says. */
const redisThat = (reply: () => Promise<unknown>) =>
  ({ status: 'ready', options: {}, disconnect: () => undefined, eval: reply }) as unknown as Redis; // the check uses no more
const check = (reply: () => Promise<unknown>) =>
  new RedisCheck(redisThat(reply), { prefix: '{q}', limitMs: 20 });

describe('RedisCheck', () => {
  it('is up when a script could write on a primary, or where INFO is forbidden', async () => {
    for (const role of ['master', 'unknown']) assert.equal((await check(async () => role).check()).up, true);
  });

  it('is down for a replica that accepts writes', async () => {
    const replica = check(async () => 'slave');
    const { up, error } = await replica.check();
    assert.deepEqual([up, error], [false, 'this server is a replica, although it accepts writes']);
    assert.equal(replica.isReplica, true);
  });

  it('is down when no reply comes within the limit', async () => {
    const { up, error } = await check(() => new Promise(() => undefined)).check();
    assert.deepEqual([up, error], [false, 'no reply within 20 ms']);
  });

  for (const [reply, expected] of [
    ["READONLY You can't write", 'this server is a replica: READONLY'],
    ['MOVED 15495 10.0.0.1:6379', 'see REDIS_MODE: MOVED'],
    ["ERR unknown command 'EVAL'", 'as a Sentinel: see REDIS_MODE: ERR unknown'],
    ['NOPERM no permissions to run eval', 'the user may not do what the queue does: NOPERM'],
    ['OOM command not allowed', 'OOM command not allowed'],
  ] as const) {
    it(`names what is wrong for ${reply}`, async () => {
      const { up, error } = await check(() => Promise.reject(new ReplyError(reply))).check();
      assert.equal(up, false);
      assert.ok(error?.includes(expected), error);
    });
  }

  it('makes one round trip for concurrent callers and for those of the next second', async () => {
    let trips = 0;
    const counted = check(async () => {
      trips++;
      return 'master';
    });
    await Promise.all([counted.check(), counted.check(), counted.check()]);
    await counted.check();
    assert.equal(trips, 1);
    await until('it checks anew', async () => (await counted.check()).up && trips === 2);
  });

  it('is down at once when the connection is lost', async () => {
    const redis = redisThat(async () => 'master');
    const losing = new RedisCheck(redis, { prefix: '{q}' });
    assert.equal((await losing.check()).up, true);
    redis.status = 'reconnecting';
    assert.deepEqual(await losing.check(), { up: false, latencyMs: 0, error: 'not connected' });
  });
});
