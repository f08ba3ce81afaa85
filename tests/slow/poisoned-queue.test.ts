import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { post, request, taskIn } from '../support/http.ts';
import { REPOSITORY, startWorkers, superviseWorkers } from '../support/processes.ts';
import { type RunLog, startNotedSystem } from '../support/run-log.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

const RAN_ALONE = /^The task ran alone 2 times; its worker process died or hung each time\.$/;

/** Each of them ends its process when it runs. */
const KILLERS = ['poison.exit', 'poison.abort', 'poison.kill', 'poison.memory'];

describe('one poisoned queue does not touch another', () => {
  const scope = suiteScope();
  let env: NodeJS.ProcessEnv;
  let url: string;
  let runs: RunLog;
  let admin: Redis;

  before(async () => {
    const system = await startNotedSystem(scope, { TASK_ROUTES: 'poison.*=a,a,b', TASK_RETRY_DELAY: '0.05' });
    ({ url, runs, admin } = system);
    env = {
      REDIS_URL: system.redisUrl,
      DRAIN_TIMEOUT: '1',
      ...runs.env,
      WORKER_HANDLERS: join(REPOSITORY, 'tests/support/poison-handlers.ts'),
      NODE_OPTIONS: '--max-old-space-size=96',
    };
  });

  const supervise = (queues: string) => superviseWorkers(scope, { ...env, WORKER_QUEUES: queues });
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
      assert.match(error.message, RAN_ALONE, event_type);
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
    const { status, error } = await taskIn(url, burnt, ['completed', 'dead'], 60_000);
    // Beside those that end processes it may stall twice. Alone it blocks for longer than its lock lasts.
    if (status === 'dead') assert.match(error.message, RAN_ALONE);
    isOver = true;
    assert.ok((await goesOn) > KILLERS.length, 'the other queue goes on meanwhile');
    await assertInnocent(await fed.stop());
    const deaths = await Promise.all(processes.map(({ stop }) => stop()));
    assert.ok(Math.max(...deaths) >= KILLERS.length, `${deaths} processes died`);
  });

  it('in the same process: it has its turn between the deaths, though many tasks wait of which each ends the process', async () => {
    const killers = await submit(Array(40).fill({ event_type: 'poison.kill', max_attempts: 1 }));
    const innocents = await submit(Array(20).fill({ event_type: 'wait', queue: 'b', payload: 1 }));
    const poisoned = supervise('a:2,b:2');
    await assertInnocent(innocents);
    const starts = await Promise.all(killers.map((id) => admin.hget(`{asdlc}:a:${id}`, 'ats')));
    assert.ok(starts.includes(null), `the killers have started ${starts.join(', ')} times`);
    assert.equal(
      (await post(`${url}/api/tasks/bulk`, { action: 'cancel', filter: { queue: 'a' } })).status,
      200,
    );
    await poisoned.stop();
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
