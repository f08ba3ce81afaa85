import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Redis } from 'ioredis';
import { DAMAGES, type Damage, damage, isFatal, nameOf } from '../support/damage.ts';
import { post, request, sample } from '../support/http.ts';
import { type RunningServer, startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { adminOf } from '../support/redis-servers.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

const LISTINGS = [
  '/api/tasks?limit=200',
  '/api/tasks?status=dead&limit=200',
  '/api/tasks?status=queued&event_type=echo',
  '/api/tasks?status=dead&event_type=echo',
  '/api/tasks?status=completed',
  '/api/tasks?status=delayed',
  '/api/queue',
];

/** Undefined: an option removed the task as it ended. */
const ENDS = ['dead', 'completed', undefined];

describe('damaged tasks', () => {
  const scope = suiteScope();
  let admin: Redis;
  let url: string;
  let workers: RunningServer;
  const damageAt = (i: number) => DAMAGES[i] as Damage; // one for each task
  const keyOf = (name: string) => `{asdlc}:tasks:${name}`;

  before(async () => {
    const redis = await startRedis(scope);
    admin = adminOf(scope, redis.url);
    const env = { REDIS_URL: redis.url, TASK_RETRY_DELAY: '0.05', COMPLETED_KEEP_COUNT: '100000' };
    url = (await startOrchestrator(scope, env)).url;
    workers = await startWorkers(scope, env);
  });

  const submit = async (tasks: readonly object[]): Promise<string[]> => {
    const { status, body } = await post(`${url}/api/tasks/batch`, { tasks });
    assert.equal(status, 202, JSON.stringify(body));
    return body.tasks.map(({ id }: { id: string }) => id);
  };
  const pause = () => post(`${url}/api/queue/pause`, {});
  const resume = () => post(`${url}/api/queue/resume`, {});
  const look = async () => {
    for (const path of LISTINGS) {
      const { status, body } = await request(`${url}${path}`);
      assert.equal(status, 200, `${path}: ${JSON.stringify(body)}`);
    }
  };
  const statusOf = async (id: string) =>
    (await request(`${url}/api/tasks/${id}`)).body.status as string | undefined;
  const allCompleted = (ids: readonly string[]) =>
    until('all healthy tasks completed', async () => {
      const states = await Promise.all(ids.map(statusOf));
      return states.every((state) => state === 'completed');
    });

  for (const [place, options] of Object.entries({ queued: {}, delayed: { delay_ms: 1 } })) {
    it(`end at once, whatever field of a ${place} task is damaged, and delay no other`, async () => {
      await pause();
      const healthy = await submit(Array.from({ length: 20 }, () => ({ event_type: 'echo' })));
      const damaged = await submit(
        DAMAGES.map((_, i) => ({
          event_type: i % 2 ? 'echo' : 'fail',
          payload: i,
          max_attempts: 2,
          ...options,
        })),
      );
      await Promise.all(damaged.map((id, i) => damage(admin, keyOf(id), damageAt(i))));
      healthy.push(...(await submit(Array.from({ length: 20 }, () => ({ event_type: 'echo' })))));
      await look();
      await resume();
      await until(
        'all have ended',
        async () => {
          const states = await Promise.all(damaged.map(statusOf));
          const open = states.flatMap((state, i) => (ENDS.includes(state) ? [] : [nameOf(damageAt(i))]));
          if (open.length > 0) throw new Error(open.join('; '));
          return true;
        },
        5_000,
      ); // 2 s for each, as promised, on a machine that has other work
      await allCompleted(healthy);
      await look();
      let unreadable = 0;
      for (const [i, id] of damaged.entries()) {
        const name = nameOf(damageAt(i));
        const { status, error } = (await request(`${url}/api/tasks/${id}`)).body;
        const isUnreadable = status === 'dead' && error.message.startsWith('unreadable: ');
        unreadable += Number(isUnreadable);
        const expected = isFatal(damageAt(i));
        if (expected !== undefined)
          assert.equal(isUnreadable, expected, `${name}: ${status} ${error?.message}`);
        if (!isUnreadable && status !== undefined) assert.equal(status, i % 2 ? 'completed' : 'dead', name);
        const { body } = await post(`${url}/api/tasks/${id}/retry`, {});
        if (status === 'completed') assert.equal(body.code, 'ASDLC_CONFLICT', name);
      }
      await until('those that can be are retried', async () => {
        const { body } = await request(`${url}/api/queue`);
        return body.tasks.waiting + body.tasks.active + body.tasks.delayed === 0;
      });
      assert.ok(unreadable > 100, `${unreadable}`);
      await look();
      const removals = await Promise.all(
        damaged.map((id) => request(`${url}/api/tasks/${id}`, { method: 'DELETE' })),
      );
      assert.ok(removals.every(({ status }) => status === 204 || status === 404)); // 404: removeOnComplete
      assert.deepEqual(
        await Promise.all(damaged.map((id) => admin.exists(keyOf(id)))),
        damaged.map(() => 0),
      );
      assert.equal(await sample(workers.url, 'asdlc_events_stalled_total'), 0);
      const counted = await sample(workers.url, 'asdlc_events_dead_total', {
        event_type: 'unknown',
        reason: 'unreadable',
      });
      assert.ok(Number(counted) > 0, `${counted}`);
    });
  }
});
