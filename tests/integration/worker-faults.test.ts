import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { post, request, runTask, taskIn } from '../support/http.ts';
import { type RunningServer, startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

describe('the worker pool under faults', () => {
  const scope = suiteScope();
  let redis: RunningServer;
  let env: NodeJS.ProcessEnv;
  let orchestrator: RunningServer;
  let url: string;

  before(async () => {
    redis = await startRedis(scope, undefined, ['--appendonly', 'yes', '--appendfsync', 'always']);
    env = { REDIS_URL: redis.url, TASK_RETRY_DELAY: '0.05', DRAIN_TIMEOUT: '1' };
    orchestrator = await startOrchestrator(scope, env);
    url = orchestrator.url;
  });

  it('runs the tasks of a killed worker again, each once more, and loses none', async () => {
    const first = await startWorkers(scope, env);
    const { id } = await runTask(url, { event_type: 'slow', payload: { ms: 1_500 } }, ['active']);
    await first.stop('SIGKILL');
    const second = await startWorkers(scope, env);
    const task = await taskIn(url, id, ['completed'], 20_000);
    assert.equal(task.attempts, 1);
    await second.stop();
  });

  it('gives up the task that kills its process, and spares those that ran beside it', async () => {
    const bystanders = await post(`${url}/api/tasks/batch`, {
      tasks: [1, 2].map(() => ({ event_type: 'slow', payload: { ms: 1_000 } })),
    });
    const { body: poison } = await post(`${url}/api/tasks`, { event_type: 'die', max_attempts: 1 });
    const { body: another } = await post(`${url}/api/tasks`, { event_type: 'echo', delay_ms: 3_000 });
    let running = true;
    const supervised = (async () => {
      for (let starts = 0; running && starts < 12; starts++) {
        const workers = await startWorkers(scope, env).catch(() => undefined); // it may die before it is ready
        await until(
          'the worker died or is told to stop',
          () => !running || workers?.child.exitCode !== null,
          60_000,
        );
        await workers?.stop();
      }
    })();
    const dead = await taskIn(url, poison.id, ['dead'], 90_000);
    assert.match(dead.error.message, /did not report back from 2 runs/);
    for (const { id } of [...bystanders.body.tasks, another]) await taskIn(url, id, ['completed'], 30_000);
    running = false;
    await supervised;
  });

  it('ends with code 0 on SIGTERM: short tasks end, long ones are put back for the next worker', async () => {
    const workers = await startWorkers(scope, env);
    const short = await runTask(url, { event_type: 'slow', payload: { ms: 500 } }, ['active']);
    const long = await runTask(url, { event_type: 'hang' }, ['active']);
    const stopped = workers.stop('SIGTERM');
    await until('it says that it drains', async () => {
      const { status, body } = await request(`${workers.url}/health/ready`);
      return status === 503 && body.checks.pool.error === 'pool is draining';
    });
    assert.equal(await stopped, 0);
    assert.equal((await taskIn(url, short.id, ['completed'])).result, 'slept');
    const back = await taskIn(url, long.id, ['queued']);
    assert.equal(back.attempts, 0);
    assert.equal((await request(`${url}/api/tasks/${long.id}`, { method: 'DELETE' })).status, 204);
  });

  it('takes up work again after Redis was killed, and keeps what was accepted', async () => {
    const workers = await startWorkers(scope, env);
    const { body: accepted } = await post(`${url}/api/tasks`, { event_type: 'echo', delay_ms: 2_500 });
    const redisFolder = redis.child.spawnargs[redis.child.spawnargs.indexOf('--dir') + 1] ?? '';
    await redis.stop('SIGKILL');
    const refused = await until('a submission is refused', async () => {
      const answer = await post(`${url}/api/tasks`, { event_type: 'echo' });
      return answer.status !== 202 && answer;
    });
    assert.deepEqual([refused.status, refused.body.code], [503, 'ASDLC_REDIS_UNAVAILABLE']);
    assert.ok(Number(refused.headers.get('retry-after')) >= 1);
    for (const server of [url, workers.url]) {
      const { status, body } = await request(`${server}/health/ready`);
      assert.deepEqual([status, body.checks.redis.status], [503, 'down']);
      assert.equal((await request(`${server}/health/live`)).status, 200);
    }
    redis = await startRedis(scope, redis.port, ['--appendonly', 'yes', '--dir', redisFolder]);
    await taskIn(url, accepted.id, ['completed']);
    await runTask(url, { event_type: 'echo' });
    for (const { output } of [orchestrator, workers]) {
      assert.ok((output().match(/no connection to redis/g) ?? []).length <= 2);
      assert.ok(output().split('\n').length < 60, output());
    }
  });

  it('ends at once with code 0 on SIGTERM while Redis is away and nothing runs', async () => {
    const lonely = await startRedis(scope);
    const workers = await startWorkers(scope, { REDIS_URL: lonely.url });
    await lonely.stop('SIGKILL');
    await until('it has seen that', () => workers.output().includes('no connection to redis'));
    const startedAt = performance.now();
    assert.equal(await workers.stop('SIGTERM'), 0);
    assert.ok(performance.now() - startedAt < 10_000);
  });

  it('answers 503 within 2 s while Redis hangs, and a repeated submission runs once', async () => {
    redis.child.kill('SIGSTOP');
    const send = () =>
      post(`${url}/api/tasks`, { event_type: 'echo' }, { 'idempotency-key': 'while it hangs' });
    const startedAt = performance.now();
    assert.equal((await send()).status, 503);
    assert.ok(performance.now() - startedAt < 2_100);
    assert.equal((await request(`${url}/metrics`)).status, 200);
    redis.child.kill('SIGCONT');
    const { body } = await until('it is accepted', async () => {
      const answer = await send();
      return answer.status === 202 && answer;
    });
    assert.equal((await taskIn(url, body.id, ['completed'])).attempts, 1);
  });
});
