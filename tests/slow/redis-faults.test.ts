import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { Redis } from 'ioredis';
import { post, request, sample, taskIn } from '../support/http.ts';
import { type RunningServer, startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { createRunLog, type RunLog } from '../support/run-log.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

describe('both services while Redis is away, hangs or refuses commands', () => {
  const scope = suiteScope();
  let redis: RunningServer;
  let admin: Redis;
  let env: NodeJS.ProcessEnv;
  let url: string;
  let orchestrator: RunningServer;
  let workers: RunningServer;
  let runs: RunLog;
  const submit = async (event_type: string, ms: number, more = {}): Promise<string> =>
    (await post(`${url}/api/tasks`, { event_type, payload: ms, ...more })).body.id;
  const linesOf = ({ output }: RunningServer) => output().split('\n').length;

  before(async () => {
    runs = await createRunLog(scope);
    redis = await startRedis(scope, undefined, ['--appendonly', 'yes', '--appendfsync', 'always']);
    admin = new Redis(redis.url);
    admin.on('error', () => undefined); // it reconnects by itself
    scope.after(() => admin.disconnect());
    env = { REDIS_URL: redis.url, TASK_RETRY_DELAY: '0.05', WORKER_POOL_SIZE: '2', ...runs.env };
    orchestrator = await startOrchestrator(scope, env);
    workers = await startWorkers(scope, env);
    url = orchestrator.url;
  });

  it('Redis out of memory: running tasks complete, none dies, and the others run once there is memory', async (t) => {
    t.after(() => admin.config('SET', 'maxmemory', '0'));
    const long = await submit('wait', 9_000); // longer than a lock lasts
    const short = await submit('wait', 1_500);
    await until('both tasks run', () => runs.starts(long) === 1 && runs.starts(short) === 1);
    const rated = await Promise.all([1, 2, 3].map(() => submit('rated', 1, { max_attempts: 1 })));
    const suspect = await submit('wait', 1, { max_attempts: 1 });
    await admin.hset(`{asdlc}:tasks:${suspect}`, 'stc', 2); // as if it had stalled twice
    const lines = linesOf(workers);
    await admin.config('SET', 'maxmemory', '1');
    const refused = await post(`${url}/api/tasks`, { event_type: 'wait' });
    assert.deepEqual([refused.status, refused.body.code], [503, 'ASDLC_REDIS_UNAVAILABLE']);
    await taskIn(url, short, ['completed']);
    await taskIn(url, long, ['completed']);
    assert.equal(runs.starts(long), 1);
    const refusals = Number(/errorstat_OOM:count=(\d+)/.exec(await admin.info('errorstats'))?.[1]);
    assert.ok(refusals > 0 && refusals < 200, `Redis refused ${refusals} commands`);
    assert.equal((await request(`${url}/api/queue`)).body.tasks.dead, 0);
    await admin.config('SET', 'maxmemory', '0');
    for (const id of [...rated, suspect]) {
      const { status, attempts } = await taskIn(url, id, ['completed', 'dead']);
      assert.deepEqual([status, attempts, runs.starts(id)], ['completed', 1, 1]);
    }
    await until('the log says that Redis takes commands again', () =>
      workers.output().includes('takes commands again'),
    );
    const written = workers
      .output()
      .split('\n')
      .slice(lines - 1);
    assert.ok(written.length < 10, written.join('\n'));
  });

  it('Redis refuses all writes: the worker keeps a result until Redis takes it, and repeats no attempt', async (t) => {
    t.after(() => admin.config('SET', 'min-replicas-to-write', '0'));
    const id = await submit('wait', 1_000, { max_attempts: 1 });
    await until('it runs', () => runs.starts(id) === 1);
    const refusedAt = workers.output().length;
    await admin.config('SET', 'min-replicas-to-write', '1');
    await until('Redis refuses commands', () => workers.output().indexOf('redis refuses', refusedAt) > 0);
    await until('it has ended', () => runs.read('end').some((run) => run.id === id));
    await until('Redis refuses more commands', async () => {
      const refusals = /errorstat_NOREPLICAS:count=(\d+)/.exec(await admin.info('errorstats'))?.[1];
      return Number(refusals) > 5;
    });
    await admin.config('SET', 'min-replicas-to-write', '0');
    const { status, attempts } = await taskIn(url, id, ['completed', 'dead']);
    assert.deepEqual([status, attempts, runs.starts(id)], ['completed', 1, 1]);
  });

  it('Redis is busy with a script: 503, and submissions are accepted once it is over', async () => {
    await admin.config('SET', 'lua-time-limit', '50');
    const script = admin.eval('while true do end', 0).catch((error: Error) => error.message);
    const refused = await until('a submission is refused', async () => {
      const answer = await post(`${url}/api/tasks`, { event_type: 'wait', payload: 1 });
      return answer.status !== 202 && answer;
    });
    assert.deepEqual([refused.status, refused.body.code], [503, 'ASDLC_REDIS_UNAVAILABLE']);
    assert.equal(refused.headers.get('retry-after'), '1');
    const killer = new Redis(redis.url, { enableReadyCheck: false });
    await killer.script('KILL');
    killer.disconnect();
    assert.match(String(await script), /killed/i);
    await taskIn(url, await submit('wait', 1), ['completed']);
  });

  it('Redis hangs: 503 within 2 s, metrics show it, and a repeated submission runs once', async () => {
    const running = await submit('wait', 2_000);
    await until('it runs', () => runs.starts(running) === 1);
    redis.child.kill('SIGSTOP');
    const headers = { 'idempotency-key': 'while it hangs' };
    const send = () => post(`${url}/api/tasks`, { event_type: 'wait', payload: 1 }, headers);
    for (let i = 0; i < 2; i++) {
      const startedAt = performance.now();
      assert.equal((await send()).status, 503);
      assert.ok(performance.now() - startedAt < 10_000); // 2 s; without a limit it never answers
    }
    assert.equal((await request(`${url}/api/queue`)).status, 503);
    for (const server of [url, workers.url]) {
      const startedAt = performance.now();
      assert.equal(await sample(server, 'asdlc_redis_connection_up'), 0);
      assert.ok(performance.now() - startedAt < 7_500); // a collector has 1 s, a scraper 10 s
      assert.equal((await request(`${server}/health/ready`)).status, 503);
    }
    redis.child.kill('SIGCONT');
    const { body } = await until('the submission is accepted', async () => {
      const answer = await send();
      return answer.status === 202 && answer;
    });
    for (const id of [body.id, running]) {
      await taskIn(url, id, ['completed'], 20_000);
      assert.equal(runs.starts(id), 1);
    }
  });

  it('Redis is killed and restarted: work goes on within 5 s, and all accepted tasks complete', async () => {
    const tasks = Array.from({ length: 60 }, (_, i) => ({
      event_type: 'wait',
      payload: 100,
      delay_ms: i % 4 === 0 ? 1_500 : 0,
    }));
    const accepted = await post(`${url}/api/tasks/batch`, { tasks });
    const ids: string[] = accepted.body.tasks.map(({ id }: { id: string }) => id);
    await until('some tasks have ended', () => runs.read('end').some(({ id }) => ids.includes(id)));
    const lines = [orchestrator, workers].map(linesOf);
    const redisFolder = redis.child.spawnargs[redis.child.spawnargs.indexOf('--dir') + 1] ?? '';
    await redis.stop('SIGKILL');
    const refused = await until('a submission is refused', async () => {
      const answer = await post(`${url}/api/tasks`, { event_type: 'wait' });
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
    const backAtMs = Date.now();
    const first = await until('a task begins', () => runs.read('start').find((run) => run.atMs > backAtMs));
    assert.ok(first.atMs - backAtMs < 10_000, `the first began after ${first.atMs - backAtMs} ms`); // promised: 2 s
    for (const id of ids) await taskIn(url, id, ['completed'], 20_000);
    for (const [i, server] of [orchestrator, workers].entries()) {
      assert.ok((server.output().match(/no connection to redis/g) ?? []).length <= 3);
      assert.ok(linesOf(server) - (lines[i] ?? 0) < 20, server.output());
    }
  });

  for (const [how, signal] of [
    ['away', 'SIGKILL'],
    ['hanging', 'SIGSTOP'],
  ] as const) {
    it(`exits at once with code 0 on SIGTERM while Redis is ${how} and no task runs`, async () => {
      const lonely = await startRedis(scope);
      const idle = await startWorkers(scope, { ...env, REDIS_URL: lonely.url });
      lonely.child.kill(signal);
      if (signal === 'SIGKILL')
        await until('it has noticed that', () => idle.output().includes('no connection to redis'));
      const startedAt = performance.now();
      assert.equal(await idle.stop('SIGTERM'), 0);
      assert.ok(performance.now() - startedAt < 15_000); // the drain limit is 25 s
    });
  }
});
