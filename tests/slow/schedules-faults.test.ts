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
import { until } from '../support/until.ts';

const COUNT = 20;

/** Starts two orchestrators, a worker and schedules of every second. */
async function startAll(t: TestContext, redisArgs: readonly string[] = []) {
  const redis = await startRedis(t, undefined, redisArgs);
  const env = { REDIS_URL: redis.url };
  const [first, second] = await Promise.all([startOrchestrator(t, env), startOrchestrator(t, env)]);
  const worker = await startWorkers(t, env);
  for (let i = 0; i < COUNT; i += 1) {
    const made = await request(`${second.url}/api/schedules/s.${i}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ every_ms: 1_000, event_type: 'echo', payload: i }),
    });
    assert.equal(made.status, 201);
  }
  return { redis, env, first, second, worker };
}

interface Run {
  readonly dueMs: number;
  readonly status: string;
}

/** The runs of each schedule, by due time, once all have ended. It pauses the schedules first. */
async function runsOf({ url }: RunningServer): Promise<readonly { missed: number; runs: readonly Run[] }[]> {
  const found: { missed: number; runs: readonly Run[] }[] = [];
  for (let i = 0; i < COUNT; i += 1) {
    const paused = await request(`${url}/api/schedules/s.${i}/pause`, { method: 'POST' });
    assert.equal(paused.status, 200);
    const id = encodeURIComponent(`schedule~s.${i}~`);
    const runs = await until(`all tasks of s.${i} have ended`, async () => {
      const { body } = await request(`${url}/api/tasks?id=${id}&limit=200`);
      const tasks: { id: string; status: string }[] = body.tasks;
      const isOver = tasks.every(({ status }) => status === 'completed' || status === 'dead');
      return isOver && tasks.map(({ id, status }) => ({ dueMs: Number(id.split('~')[2]), status }));
    });
    assert.equal(runs.length, paused.body.runs, 'each run that the schedule counts is a task');
    found.push({ missed: paused.body.missed, runs: runs.sort((a, b) => a.dueMs - b.dueMs) });
  }
  return found;
}

/** Each due time from the first to the last has one task, but for those that count as missed. */
function assertEachOnce(all: Awaited<ReturnType<typeof runsOf>>): void {
  for (const [i, { missed, runs }] of all.entries()) {
    assert.equal(new Set(runs.map(({ dueMs }) => dueMs)).size, runs.length, `s.${i}: no due time twice`);
    const dueTimes = ((runs.at(-1)?.dueMs ?? 0) - (runs[0]?.dueMs ?? 0)) / 1_000 + 1;
    assert.ok(runs.every(({ dueMs }) => dueMs % 1_000 === 0));
    // Those after the last task may have been missed too, just before the pause.
    assert.ok(
      dueTimes - runs.length <= missed,
      `s.${i}: ${dueTimes} due times, ${runs.length} tasks, ${missed} missed`,
    );
    assert.ok(runs.every(({ status }) => status === 'completed'));
  }
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
    const all = await runsOf(second);
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
    assertEachOnce(await runsOf(second));
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
    assertEachOnce(await runsOf(second));
  });
});
