import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { before, describe, it } from 'node:test';
import { Redis } from 'ioredis';
import { post, request, runTask, taskIn } from '../support/http.ts';
import { type RunningServer, startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { type Scope, suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const CORES = availableParallelism();
const BACKLOG = 800;

describe('limits of an event type', () => {
  const scope = suiteScope();
  let redis: RunningServer;
  let admin: Redis;
  let env: NodeJS.ProcessEnv;
  let url: string;

  before(async () => {
    redis = await startRedis(scope);
    admin = new Redis(redis.url);
    scope.after(() => admin.disconnect());
    env = { REDIS_URL: redis.url, TASK_RETRY_DELAY: '0.05', WORKER_POOL_SIZE: `${CORES + 2}` };
    url = (await startOrchestrator(scope, env)).url;
  });

  const commands = async () =>
    Number(/total_commands_processed:(\d+)/.exec(await admin.info('stats'))?.[1] ?? 0);
  const submit = async (count: number, task: unknown): Promise<string[]> => {
    const { body } = await post(`${url}/api/tasks/batch`, { tasks: Array(count).fill(task) });
    return body.tasks.map(({ id }: { id: string }) => id);
  };
  const startedAt = async (ids: readonly string[]): Promise<number[]> => {
    const tasks = await Promise.all(ids.map((id) => taskIn(url, id, ['completed'], 30_000)));
    return tasks.map((task) => Date.parse(task.started_at));
  };
  const workers = async (t: Scope) => {
    const server = await startWorkers(t, env);
    const succeeded = async (type: string) =>
      (await request(`${server.url}/stats`)).body.by_event_type[type].succeeded;
    return { ...server, succeeded };
  };

  for (const [what, perSecond, task] of [
    ['rate', 40, { event_type: 'rated.fast' }],
    ['concurrency', 40, { event_type: 'one', payload: { ms: 25 } }],
  ] as const) {
    it(`runs a backlog at its ${what} limit, delays no other event type and sends Redis few commands`, async (t) => {
      await admin.flushall();
      const { succeeded } = await workers(t);
      await submit(BACKLOG, task);
      await until(
        'all were looked at',
        async () => (await request(`${url}/api/queue`)).body.tasks.waiting === 0,
      );
      const [doneBefore, commandsBefore] = [await succeeded(task.event_type), await commands()];
      for (let i = 0; i < 5; i++) await runTask(url, { event_type: 'echo' });
      const ahead = await succeeded(task.event_type);
      assert.ok(ahead < BACKLOG / 2, `five others ended after ${ahead} of ${BACKLOG}`);
      // The limit of `until` is ten times as long.
      const ended = await until('as many ended as should in 1.5 s', async () => {
        const count = (await succeeded(task.event_type)) - doneBefore;
        return count >= 1.5 * perSecond && count;
      });
      const each = ((await commands()) - commandsBefore) / ended;
      t.diagnostic(`${each.toFixed(0)} commands for each task that ended`);
      assert.ok(each < 250, `${each} commands for each of ${ended} tasks`);
    });
  }

  it('keeps to the rate in each of its windows, also with two workers', async (t) => {
    await admin.flushall();
    await Promise.all([workers(t), workers(t)]);
    const starts = (await startedAt(await submit(7, { event_type: 'rated' }))).sort((a, b) => a - b);
    const first = starts[0] ?? 0;
    for (const [i, at] of starts.entries()) {
      const expected = Math.floor(i / 2) * 1_000; // two in each second
      assert.ok(at - first > expected - 100, `${i}: ${at - first} ms`);
    }
    const gaps = [2, 4, 6].map((i) => (starts[i] ?? 0) - (starts[i - 2] ?? 0)).sort((a, b) => a - b);
    assert.ok((gaps[1] ?? 0) < 1_900, `windows pass unused: ${gaps} ms between the first starts in each`);
  });

  it('runs tasks of an event type with concurrency 1 in order of submission, shared by two workers', async (t) => {
    const first = await workers(t);
    const starts = await startedAt(await submit(30, { event_type: 'one', payload: { ms: 20 } }));
    const inversions = starts.filter((at, i) => at < (starts[i - 1] ?? 0)).length;
    assert.ok(inversions <= 9, `${inversions} of 30 started before the one before them`);
    const second = await workers(t);
    await startedAt(await submit(60, { event_type: 'one', payload: { ms: 20 } }));
    const shares = await Promise.all([first, second].map(({ succeeded }) => succeeded('one')));
    assert.equal(shares[0] + shares[1], 90);
    assert.ok(shares[1] > 0, `the second ran ${shares[1]}`);
  });

  it('runs the delayed tasks of a worker that died', async (t) => {
    const doomed = await workers(t);
    const ids = await submit(5, { event_type: 'one', payload: { ms: 400 } });
    await until('four are delayed', async () => (await request(`${url}/api/queue`)).body.tasks.delayed === 4);
    await doomed.stop('SIGKILL');
    await workers(t);
    await startedAt(ids);
  });

  describe('in one worker', () => {
    let shared: RunningServer;
    before(async () => {
      shared = await workers(scope);
    });

    it('uses up no attempt of rate-limited tasks while Redis is out of memory', async (t) => {
      await post(`${url}/api/queue/pause`, {});
      const ids = await submit(4, { event_type: 'rated', max_attempts: 1 });
      await post(`${url}/api/queue/resume`, {});
      await taskIn(url, ids[0] ?? '', ['active', 'completed']);
      await admin.config('SET', 'maxmemory', '1');
      t.after(() => admin.config('SET', 'maxmemory', '0'));
      await startedAt(ids);
    });

    it('does not count a task that waits for the quarantine against its rate', async () => {
      await admin.set('{asdlc}:quarantine', 'another task', 'PX', 60_000);
      const limits = await admin.keys('{asdlc}:rate:*');
      if (limits.length > 0) await admin.del(limits);
      await post(`${url}/api/queue/pause`, {});
      const [id = ''] = await submit(1, { event_type: 'rated' });
      await admin.hset(`{asdlc}:tasks:${id}`, { stc: 2 });
      await post(`${url}/api/queue/resume`, {});
      await taskIn(url, id, ['delayed']);
      assert.deepEqual(await admin.keys('{asdlc}:rate:rated*'), []);
      await admin.del('{asdlc}:quarantine');
      await startedAt([id]);
    });

    it('gives tasks in threads their whole time limit, also more tasks than cores, and delays no other type', async () => {
      // Each takes a fifth of its limit of 3 s; the last begin after 3 s.
      const ids = await submit(6 * CORES, {
        event_type: 'burn.short',
        payload: { ms: 600 },
        max_attempts: 1,
      });
      await taskIn(url, ids[0] ?? '', ['active']);
      await runTask(url, { event_type: 'echo' });
      const last = await request(`${url}/api/tasks/${ids.at(-1)}`);
      assert.notEqual(last.body.status, 'completed', 'the other type had to wait for all of them');
      for (const id of ids) assert.equal((await taskIn(url, id, ['completed', 'dead'], 30_000)).error, null);
    });

    it('ends a handler that hangs at its time limit, in the process and in a thread', async () => {
      const limited = { max_attempts: 1, payload: { ms: 60_000 } };
      const [here, thread] = await Promise.all([
        runTask(url, { event_type: 'hang.limited', ...limited }),
        runTask(url, { event_type: 'burn.limited', ...limited }),
      ]);
      for (const task of [here, thread]) {
        const ms = Date.parse(task.finished_at) - Date.parse(task.started_at);
        assert.equal(task.error.message, 'The handler did not end within 0.5 s.');
        assert.ok(ms >= 450 && ms < 10_000, `${task.event_type} ended after ${ms} ms`); // default: 300 s
      }
    });

    it('says why a result cannot leave its thread', async () => {
      const task = await runTask(url, { event_type: 'function.thread', max_attempts: 1 });
      assert.equal(
        task.error.message,
        'The result cannot leave the thread: DataCloneError: () => 1 could not be cloned.',
      );
    });

    it('fails the task whose callback throws, and no other task in the thread', async () => {
      const own = await runTask(url, { event_type: 'callback.thread', max_attempts: 1 });
      assert.equal(own.error.message, 'in a callback');
      await submit(CORES, { event_type: 'stray.thread' });
      const ids = await submit(CORES, { event_type: 'slow.thread', payload: { ms: 500 }, max_attempts: 1 });
      for (const id of ids) assert.equal((await taskIn(url, id, ['completed', 'dead'])).error, null);
      await until('the error is logged', () =>
        /"event_type":"stray.thread".*left behind/.test(shared.output()),
      );
    });

    it('adds the trace id to log lines of a handler in a thread', async () => {
      const { body } = await post(
        `${url}/api/tasks`,
        { event_type: 'trace.thread' },
        { traceparent: TRACEPARENT },
      );
      await taskIn(url, body.id, ['completed']);
      await until('the line is logged', () =>
        /"trace_id":"0af7651916cd43dd8448eb211c80319c".*"msg":"traced"/.test(shared.output()),
      );
    });
  });
});
