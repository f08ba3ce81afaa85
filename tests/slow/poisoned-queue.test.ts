import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { post, request, taskIn } from '../support/http.ts';
import {
  freePort,
  REPOSITORY,
  startOrchestrator,
  startProcess,
  startRedis,
  startWorkers,
} from '../support/processes.ts';
import { adminOf } from '../support/redis-servers.ts';
import { createRunLog, type RunLog } from '../support/run-log.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

/** Each of them ends its process when it runs. */
const KILLERS = ['poison.exit', 'poison.abort', 'poison.kill', 'poison.memory'];

describe('one poisoned queue does not touch another', () => {
  const scope = suiteScope();
  let env: NodeJS.ProcessEnv;
  let url: string;
  let runs: RunLog;
  let admin: Redis;

  before(async () => {
    runs = await createRunLog(scope);
    const redis = await startRedis(scope);
    admin = adminOf(scope, redis.url);
    env = {
      REDIS_URL: redis.url,
      DRAIN_TIMEOUT: '1',
      ...runs.env,
      WORKER_HANDLERS: join(REPOSITORY, 'tests/support/poison-handlers.ts'),
      NODE_OPTIONS: '--max-old-space-size=96',
    };
    const common = { REDIS_URL: redis.url, TASK_ROUTES: 'poison.*=a,a,b', TASK_RETRY_DELAY: '0.05' };
    ({ url } = await startOrchestrator(scope, common));
  });

  /** Starts a worker process again and again, as systemd does. `stop` returns how often it died. */
  function supervise(queues: string): { stop: () => Promise<number> } {
    const stopped = Promise.withResolvers<'stopped'>();
    scope.after(() => stopped.resolve('stopped'));
    const ends = (async () => {
      for (let deaths = 0; ; deaths++) {
        const more = { WORKER_QUEUES: queues, SERVICE_PORT: String(await freePort()) };
        const { child, stop } = startProcess(scope, process.execPath, ['src/workers/main.ts'], {
          env: { ...env, ...more },
        });
        if ((await Promise.race([once(child, 'exit'), stopped.promise])) !== 'stopped') continue;
        await stop();
        return deaths;
      }
    })();
    return {
      stop: () => {
        stopped.resolve('stopped');
        return ends;
      },
    };
  }

  const submit = async (tasks: readonly object[]): Promise<string[]> => {
    const { status, body } = await post(`${url}/api/tasks/batch`, { tasks });
    assert.equal(status, 202, JSON.stringify(body));
    return body.tasks.map(({ id }: { id: string }) => id);
  };
  const poison = () =>
    submit(KILLERS.map((event_type) => ({ event_type, max_attempts: 1, payload: 'poison' })));
  /** Tasks that nobody can read. */
  const unreadable = async () => {
    const ids = await submit(Array(3).fill({ event_type: 'wait', queue: 'a', delay_ms: 1_000 }));
    for (const id of ids) await admin.hset(`{asdlc}:a:${id}`, 'data', '{"payload":');
    return ids;
  };
  /** Gives queue `b` a task every 50 ms. They are innocent: each of them has one attempt. */
  function feed(): { stop: () => Promise<string[]> } {
    const stopped = new AbortController();
    scope.after(() => stopped.abort());
    const fed = (async () => {
      const ids: string[] = [];
      while (!stopped.signal.aborted) {
        ids.push(...(await submit([{ event_type: 'wait', queue: 'b', payload: 100, max_attempts: 1 }])));
        await sleep(50);
      }
      return ids;
    })();
    return {
      stop: () => {
        stopped.abort();
        return fed;
      },
    };
  }

  async function endOfPoison(killers: readonly string[]): Promise<void> {
    for (const id of killers) {
      const { error, event_type } = await taskIn(url, id, ['dead'], 240_000);
      assert.match(
        error.message,
        /^The task ran alone 2 times; its worker process died or hung each time\.$/,
        event_type,
      );
    }
  }
  async function assertInnocent(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const { status, attempts, error } = await taskIn(url, id, ['completed', 'dead'], 60_000);
      assert.deepEqual([status, attempts], ['completed', 1], JSON.stringify(error));
    }
    assert.deepEqual((await request(`${url}/api/tasks?queue=b&status=dead`)).body.tasks, []);
  }

  it('in the same processes: no task of the other one is lost or dead, and it goes on after each death', async () => {
    const processes = [supervise('a:2,b:2'), supervise('a:2,b:2')];
    const fed = feed();
    await until('the other queue runs', () => runs.read('end').length > 10);
    const [killers, damaged] = await Promise.all([poison(), unreadable()]);
    const [burnt = ''] = await submit([{ event_type: 'burn', queue: 'a', payload: 7_000, max_attempts: 1 }]);
    let isOver = false;
    const goesOn = (async () => {
      let ran = 0;
      while (!isOver) {
        const ids = await submit(Array(4).fill({ event_type: 'wait', queue: 'b', payload: 1 }));
        await until(
          'one of four new tasks has run',
          () => runs.read('end').some(({ id }) => ids.includes(id)),
          30_000,
        );
        ran++;
      }
      return ran;
    })();
    goesOn.catch(() => undefined); // awaited below
    await endOfPoison(killers);
    for (const id of damaged)
      assert.match((await taskIn(url, id, ['dead'])).error.message, /data: expected JSON/);
    assert.deepEqual((await taskIn(url, burnt, ['completed', 'dead'], 60_000)).status, 'completed');
    isOver = true;
    assert.ok((await goesOn) > KILLERS.length, 'the other queue goes on meanwhile');
    await assertInnocent(await fed.stop());
    const deaths = await Promise.all(processes.map(({ stop }) => stop()));
    assert.ok(Math.max(...deaths) >= KILLERS.length, `${deaths} processes died`);
  });

  it('in processes of its own: it notices nothing, and each of its tasks runs once', async () => {
    const poisoned = supervise('a:2');
    const own = await startWorkers(scope, { ...env, WORKER_QUEUES: 'b:2' });
    const fed = feed();
    const killers = await submit(
      ['poison.exit', 'poison.kill'].map((event_type) => ({ event_type, max_attempts: 1 })),
    );
    await endOfPoison(killers);
    const ids = await fed.stop();
    await assertInnocent(ids);
    assert.deepEqual(
      ids.filter((id) => runs.starts(id) !== 1),
      [],
    );
    assert.equal(await own.stop(), 0);
    assert.ok((await poisoned.stop()) >= 4);
  });
});
