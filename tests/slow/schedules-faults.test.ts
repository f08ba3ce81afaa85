import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { request } from '../support/http.ts';
import {
  type RunningServer,
  startOrchestrator,
  startRedis,
  startWorkers,
  temporaryFolder,
} from '../support/processes.ts';
import { adminOf } from '../support/redis-servers.ts';
import { assertEachOnce, makeSchedules, readScheduleRuns } from '../support/schedule-runs.ts';
import { until } from '../support/until.ts';

const COUNT = 20;

/** Starts two orchestrators, a worker and schedules of every second. */
async function startAll(t: TestContext, redisArgs: readonly string[] = []) {
  const redis = await startRedis(t, undefined, redisArgs);
  const env = { REDIS_URL: redis.url };
  const [first, second] = await Promise.all([startOrchestrator(t, env), startOrchestrator(t, env)]);
  const worker = await startWorkers(t, env);
  await makeSchedules(second.url, COUNT, { event_type: 'echo', payload: (i) => i });
  return { redis, env, first, second, worker };
}

const runCount = async ({ url }: RunningServer): Promise<number> => {
  const { body } = await request(`${url}/api/schedules/s.0`);
  return body.runs;
};

describe('schedules under faults', { concurrency: false }, () => {
  it('miss nothing and queue nothing twice while orchestrators and workers are killed', async (t) => {
    const { env, first, second, worker } = await startAll(t);
    await until('they run', async () => (await runCount(second)) >= 2);
    let orchestrator = first;
    for (let kills = 0; kills < 4; kills += 1) {
      await orchestrator.stop('SIGKILL');
      const before = await runCount(second);
      await until('the other one goes on', async () => (await runCount(second)) > before);
      orchestrator = await startOrchestrator(t, env);
    }
    await worker.stop('SIGKILL');
    await startWorkers(t, env);
    const before = await runCount(second);
    await until('they go on', async () => (await runCount(second)) > before + 1);
    const all = await readScheduleRuns(second.url, COUNT);
    assertEachOnce(all);
    const missed = all.reduce((sum, each) => sum + each.missed, 0);
    assert.ok(missed <= COUNT, `${missed} missed`); // a machine may be busy for a second
  });

  it('make one task each after a time without Redis, never a burst', async (t) => {
    const { redis, second } = await startAll(t);
    const admin = adminOf(t, redis.url);
    await until('they run', async () => (await runCount(second)) >= 2);
    await admin.call('CLIENT', 'PAUSE', '6000', 'ALL');
    const answered = await until('redis answers again', async () => {
      const { status, body } = await request(`${second.url}/api/schedules/s.0`);
      return status === 200 && body.missed > 0 && body;
    });
    assert.ok(answered.missed >= 3, `${answered.missed} missed`);
    assertEachOnce(await readScheduleRuns(second.url, COUNT));
  });

  it('go on where they were when Redis was killed and came back from its disk', async (t) => {
    const redisArgs = ['--appendonly', 'yes', '--appendfsync', 'always', '--dir', await temporaryFolder(t)];
    const { redis, second } = await startAll(t, redisArgs);
    await until('they run', async () => (await runCount(second)) >= 2);
    await redis.stop('SIGKILL');
    await startRedis(t, redis.port, redisArgs);
    const before = await until('it is back', async () => {
      const { status, body } = await request(`${second.url}/api/schedules/s.0`);
      return status === 200 && (body.runs as number);
    });
    await until('they go on', async () => (await runCount(second)) > before + 1);
    assertEachOnce(await readScheduleRuns(second.url, COUNT));
  });
});
