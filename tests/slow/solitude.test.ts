import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { post, taskIn } from '../support/http.ts';
import { startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { adminOf } from '../support/redis-servers.ts';
import { createRunLog, type RunLog } from '../support/run-log.ts';

interface Interval {
  readonly id: string;
  readonly pid: number;
  readonly startMs: number;
  readonly endMs: number;
}

/** Each run with its start and end. */
function intervalsOf(runs: RunLog): Interval[] {
  const ends = new Map(runs.read('end').map(({ id, atMs }) => [id, atMs]));
  return runs.read('start').map(({ id, pid, atMs }) => {
    return { id, pid, startMs: atMs, endMs: ends.get(id) ?? Number.POSITIVE_INFINITY };
  });
}

const overlap = (a: Interval, b: Interval) => a.id !== b.id && a.startMs < b.endMs && b.startMs < a.endMs;

describe('a task that stalled twice', () => {
  it('runs with nothing beside it in its process, while other processes go on', async (t) => {
    const runs = await createRunLog(t);
    const { url: REDIS_URL } = await startRedis(t);
    const env = { REDIS_URL, WORKER_POOL_SIZE: '4', ...runs.env };
    const { url } = await startOrchestrator(t, env);
    await post(`${url}/api/queue/pause`, {});
    const tasks = Array.from({ length: 60 }, () => ({ event_type: 'wait', payload: 300, max_attempts: 1 }));
    const { body } = await post(`${url}/api/tasks/batch`, { tasks });
    const ids: string[] = body.tasks.map(({ id }: { id: string }) => id);
    const suspects = [ids[10], ids[11], ids[25]] as string[]; // there are sixty
    const redis = adminOf(t, REDIS_URL);
    for (const id of suspects) await redis.hset(`{asdlc}:tasks:${id}`, 'stc', 2);
    const workers = await Promise.all([startWorkers(t, env), startWorkers(t, env)]);
    await post(`${url}/api/queue/resume`, {});
    for (const id of ids) {
      const { status, attempts } = await taskIn(url, id, ['completed', 'dead'], 60_000);
      assert.deepEqual([status, attempts], ['completed', 1]);
    }
    const intervals = intervalsOf(runs);
    assert.equal(intervals.length, ids.length, 'each task ran once');
    let beside = 0;
    for (const suspect of intervals.filter(({ id }) => suspects.includes(id))) {
      const others = intervals.filter((other) => overlap(suspect, other));
      assert.deepEqual(
        others.filter(({ pid }) => pid === suspect.pid),
        [],
      );
      beside += others.length;
    }
    assert.ok(beside > 0, 'the other process ran tasks meanwhile');
    for (const worker of workers) assert.equal(await worker.stop(), 0);
  });

  it('goes back to the queue when its process stops while it waits for the others', async (t) => {
    const runs = await createRunLog(t);
    const { url: REDIS_URL } = await startRedis(t);
    const env = { REDIS_URL, WORKER_POOL_SIZE: '2', DRAIN_TIMEOUT: '1', ...runs.env };
    const { url } = await startOrchestrator(t, env);
    const submit = async (payload: number): Promise<string> =>
      (await post(`${url}/api/tasks`, { event_type: 'wait', payload, max_attempts: 1 })).body.id;
    const worker = await startWorkers(t, env);
    const long = await submit(5_000);
    await taskIn(url, long, ['active']);
    await post(`${url}/api/queue/pause`, {});
    const suspect = await submit(10);
    const redis = adminOf(t, REDIS_URL);
    await redis.hset(`{asdlc}:tasks:${suspect}`, 'stc', 2);
    await post(`${url}/api/queue/resume`, {});
    await taskIn(url, suspect, ['active']);
    assert.equal(await worker.stop(), 0);
    assert.equal(runs.starts(suspect), 0);
    await startWorkers(t, env);
    assert.equal((await taskIn(url, suspect, ['completed', 'dead'], 60_000)).status, 'completed');
  });
});
