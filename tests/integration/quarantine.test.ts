import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Job } from 'bullmq';
import { Redis } from 'ioredis';
import { createTaskQueue, type TaskData, type TaskQueue } from '../../src/shared/queue/queue.ts';
import { Quarantine } from '../../src/workers/recovery/quarantine.ts';
import { startRedis } from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';

const PREFIX = '{quarantine}';
const LOCK_MS = 300;

describe('the quarantine', () => {
  const scope = suiteScope();
  const errors: Error[] = [];
  let redis: Redis;
  let queue: TaskQueue;
  const newProcess = () => {
    const quarantine = new Quarantine(redis, {
      prefix: PREFIX,
      lockMs: LOCK_MS,
      onRedisError: (error) => errors.push(error),
    });
    return {
      run: (task: Job<TaskData>, work: () => Promise<void>) =>
        quarantine.run(task, { alone: (start) => start(), work }),
    };
  };
  const suspect = async (): Promise<Job<TaskData>> => {
    const job = await queue.add('echo', {});
    job.attemptsStarted = 3;
    return job;
  };
  const lose = async () => undefined; // Redis never stores the end, so the task is started again
  const block = async () => {
    const end = performance.now() + LOCK_MS;
    while (performance.now() < end);
  };

  before(async () => {
    redis = new Redis((await startRedis(scope)).url);
    queue = createTaskQueue(redis, PREFIX);
  });
  after(() => redis.disconnect());

  it('fails a task for good after two processes died in it', async () => {
    const task = await suspect();
    for (let i = 0; i < 2; i++) assert.equal(await newProcess().run(task, lose), true);
    await assert.rejects(newProcess().run(task, lose), /ran alone 2 times/);
  });

  it('does not count starts whose end the same process failed to store', async () => {
    const [task, survivor] = [await suspect(), newProcess()];
    for (let i = 0; i < 5; i++) assert.equal(await survivor.run(task, lose), true);
  });

  it('counts a process that was blocked until its locks ran out as dead', async () => {
    const [task, blocked] = [await suspect(), newProcess()];
    for (let i = 0; i < 2; i++) assert.equal(await blocked.run(task, block), true);
    await assert.rejects(blocked.run(task, lose), /ran alone 2 times/);
  });

  it('does not count a failed attempt, and keeps the count of the starts before it', async () => {
    const [task, survivor] = [await suspect(), newProcess()];
    await newProcess().run(task, lose);
    const failing = () => Promise.reject(new Error('as asked'));
    for (let i = 0; i < 3; i++) await assert.rejects(survivor.run(task, failing), /as asked/);
    assert.equal(await survivor.run(task, lose), true);
    await assert.rejects(newProcess().run(task, lose), /ran alone 2 times/);
  });

  it('runs nothing while Redis refuses, and keeps the error of a task that failed meanwhile', async (t) => {
    const [task, other] = [await suspect(), await suspect()];
    t.after(() => redis.config('SET', 'maxmemory', '0'));
    const failing = async () => {
      await redis.config('SET', 'maxmemory', '1');
      throw new Error('as asked');
    };
    await assert.rejects(newProcess().run(task, failing), /as asked/);
    assert.equal(await newProcess().run(other, () => assert.fail('it ran')), false);
    assert.match(String(errors.at(-1)), /OOM/);
  });
});
