import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Redis } from 'ioredis';
import { post, request, runTask, taskIn } from '../support/http.ts';
import { startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { adminOf } from '../support/redis-servers.ts';
import { type Scope, suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

const BACKLOG = 800;

describe('limits of an event type, with a backlog and several workers', () => {
  const scope = suiteScope();
  let admin: Redis;
  let env: NodeJS.ProcessEnv;
  let url: string;

  before(async () => {
    const redis = await startRedis(scope);
    admin = adminOf(scope, redis.url);
    env = { REDIS_URL: redis.url, TASK_RETRY_DELAY: '0.05' };
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
});
