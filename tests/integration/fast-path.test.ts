import assert from 'node:assert/strict';
import { before, describe, it, mock } from 'node:test';
import { type Job, raw2NextJobData, Worker } from 'bullmq';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { endAndTake } from '../../src/shared/queue/bullmq-fast-path.ts';
import { guardScripts } from '../../src/shared/queue/bullmq-guard.ts';
import { startRedis } from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';

/*
 * Workers store the end of a job by the fast path, or by BullMQ's guarded script where that does nothing. BullMQ's own script,
 * without the guard, says what must be in Redis afterwards.
 */

const TOKEN = 'the test';
const NOW = 1_800_000_000_000;

interface Waiting {
  readonly priority: 1 | 7;
  /** It failed before. */
  readonly isRetried: boolean;
}

interface State {
  readonly waiting: readonly Waiting[];
  /** In BullMQ's list for jobs without a priority. */
  readonly hasUnprioritized: boolean;
  readonly delayed: 'none' | 'due' | 'later';
  readonly otherIsActive: boolean;
  /** How long ago each kept job ended, in ms. */
  readonly kept: readonly number[];
  readonly keepCount: number;
  readonly keepSeconds: number;
  readonly lock: 'own' | 'of another' | 'none';
  readonly isListed: boolean;
  readonly isPaused: boolean;
  readonly hasDeduplication: boolean;
  readonly fetches: boolean;
}

const rarely = fc.integer({ min: 0, max: 9 }).map((number) => number === 0);
const usual = <T>(value: T, ...others: T[]) =>
  fc.oneof({ weight: 8, arbitrary: fc.constant(value) }, ...others.map((other) => fc.constant(other)));

const state: fc.Arbitrary<State> = fc.record(
  {
    waiting: fc.array(fc.record({ priority: fc.constantFrom(1, 7), isRetried: fc.boolean() }), {
      maxLength: 3,
    }),
    hasUnprioritized: rarely,
    delayed: usual('none' as const, 'later', 'due'),
    otherIsActive: fc.boolean(),
    kept: fc.uniqueArray(fc.constantFrom(0, 1, 2, 5_000, 61_000), { maxLength: 4 }),
    keepCount: fc.constantFrom(1, 2, 3, 1_000),
    keepSeconds: fc.constantFrom(60, 1_000),
    lock: usual('own' as const, 'of another', 'none'),
    isListed: rarely.map((isRare) => !isRare),
    isPaused: rarely,
    hasDeduplication: rarely,
    fetches: rarely.map((isRare) => !isRare),
  },
  { noNullPrototype: true },
);

/** A state from which the fast path goes. */
const USUAL: State = {
  waiting: [
    { priority: 1, isRetried: false },
    { priority: 1, isRetried: false },
  ],
  hasUnprioritized: false,
  delayed: 'later',
  otherIsActive: true,
  kept: [1, 2],
  keepCount: 2,
  keepSeconds: 60,
  lock: 'own',
  isListed: true,
  isPaused: false,
  hasDeduplication: false,
  fetches: true,
};

interface World {
  readonly redis: Redis;
  readonly worker: Worker;
  /** What all keys begin with. */
  readonly base: string;
}

describe('the fast path to the end of a job', () => {
  const scope = suiteScope();
  let bare: World;
  let guarded: World;

  before(async () => {
    const { url } = await startRedis(scope);
    const start = (name: string, prepare: (redis: Redis) => void): World => {
      const redis = new Redis(url, { maxRetriesPerRequest: null });
      scope.after(() => redis.disconnect());
      prepare(redis);
      const options = { connection: redis, prefix: `{${name}}`, name: 'w', autorun: false };
      const worker = new Worker('tasks', null, options);
      scope.after(() => worker.close());
      return { redis, worker, base: `{${name}}:tasks:` };
    };
    bare = start('bare', () => {});
    guarded = start('guarded', guardScripts);
    mock.timers.enable({ apis: ['Date'], now: NOW });
    scope.after(() => mock.timers.reset());
  });

  /** Makes the state, with one job that this worker runs. */
  const setUp = async (world: World, given: State): Promise<Job> => {
    const { redis, worker, base } = world;
    await redis.flushdb();
    const add = (id: string, priority: number, fields: Record<string, string | number> = {}) =>
      redis.hset(`${base}${id}`, {
        name: 'a',
        data: '{}',
        opts: '{}',
        timestamp: 1,
        delay: 0,
        priority,
        ...fields,
      });
    await redis.hset(`${base}meta`, 'opts.maxLenEvents', 10_000);
    const removeOnComplete = { count: given.keepCount, age: given.keepSeconds };
    const deduplication = given.hasDeduplication ? { deid: 'd' } : {};
    await add('running', 1, { opts: JSON.stringify({ removeOnComplete }), ...deduplication });
    await redis.zadd(`${base}prioritized`, 2 ** 32, 'running');
    const job = await worker.getNextJob(TOKEN, { block: false });
    assert.equal(job?.id, 'running');
    for (const [i, { priority, isRetried }] of given.waiting.entries()) {
      const id = `waiting-${i}`;
      await add(id, priority, isRetried ? { ats: 2, atm: 2, stc: 1, processedOn: 3, pb: 'v' } : {});
      await redis.zadd(`${base}prioritized`, priority * 2 ** 32 + i, id);
    }
    if (given.waiting.length > 0) await redis.set(`${base}pc`, given.waiting.length);
    if (given.hasUnprioritized) {
      await add('unprioritized', 0);
      await redis.lpush(`${base}wait`, 'unprioritized');
    }
    if (given.delayed !== 'none') {
      await add('put-off', 1, { delay: 5 });
      const dueMs = given.delayed === 'due' ? NOW : NOW + 1;
      await redis.zadd(`${base}delayed`, dueMs * 4096, 'put-off');
    }
    if (given.otherIsActive) await redis.lpush(`${base}active`, 'other');
    for (const [i, agoMs] of given.kept.entries()) {
      await add(`kept-${i}`, 1, { finishedOn: NOW - agoMs });
      await redis.rpush(`${base}kept-${i}:logs`, 'a line');
      await redis.zadd(`${base}completed`, NOW - agoMs, `kept-${i}`);
    }
    if (given.lock === 'none') await redis.del(`${base}running:lock`);
    if (given.lock === 'of another') await redis.set(`${base}running:lock`, 'another');
    if (!given.isListed) await redis.lrem(`${base}active`, 0, 'running');
    if (given.isPaused) await redis.hset(`${base}meta`, 'paused', 1);
    if (given.hasDeduplication) await redis.set(`${base}de:d`, 'running');
    await redis.sadd(`${base}stalled`, 'running', 'other');
    return job;
  };

  const dump = async ({ redis, base }: World) => {
    const keys = await redis.keys(`${base.replace(/[{}]/g, '?')}*`);
    const values = keys.sort().map(async (key) => {
      const type = await redis.type(key);
      const isExpiring = (await redis.pttl(key)) > 0;
      return [key.slice(base.length), type, isExpiring, await readKey(redis, key, type)];
    });
    return Promise.all(values);
  };

  /** Ends the job that `setUp` made, by the fast path. Undefined: that did nothing. */
  const endUsually = ({ redis, base }: World, { fetches, keepCount, keepSeconds }: State) =>
    endAndTake(redis, `${base}running`, {
      id: 'running',
      result: '"done"',
      token: TOKEN,
      nowMs: NOW,
      takesNext: fetches,
      lockMs: 30_000,
      worker: 'w',
      keep: { count: keepCount, age: keepSeconds },
    });

  const nextOf = (fetched: unknown) => {
    const { id, attemptsStarted, attemptsMade, processedOn } = fetched as Record<string, unknown>; // BullMQ's job
    return { id, attemptsStarted, attemptsMade, processedOn };
  };

  /** What the worker got, and what is in Redis then. */
  const endIn = async (world: World, given: State, isFast: boolean) => {
    const job = await setUp(world, given);
    const before = await dump(world);
    const reply = isFast ? await endUsually(world, given) : undefined;
    if (isFast && reply === undefined) assert.deepEqual(await dump(world), before);
    const next =
      reply === undefined ? job.moveToCompleted('done', TOKEN, given.fetches) : raw2NextJobData(reply as []);
    const ended = await Promise.resolve(next).then(
      (next) => next && { job: next[0] && nextOf(next[0]), others: next.slice(1) },
      (error: Error) => error.message.replace(world.base, ''),
    );
    return { ended, stored: await dump(world) };
  };

  const compare = async (given: State) => {
    assert.deepEqual(await endIn(guarded, given, true), await endIn(bare, given, false));
  };

  it('takes fewer commands than BullMQ', async () => {
    const commandsOf = async (world: World, end: (job: Job) => Promise<unknown>) => {
      const job = await setUp(world, USUAL);
      await end(job); // Redis has the script then
      const again = await setUp(world, USUAL);
      await world.redis.config('RESETSTAT');
      assert.ok(await end(again));
      const stats = await world.redis.info('commandstats');
      return [...stats.matchAll(/calls=(\d+)/g)].reduce((sum, [, calls]) => sum + Number(calls), 0);
    };
    const own = await commandsOf(guarded, () => endUsually(guarded, USUAL));
    const others = await commandsOf(bare, (job) => job.moveToCompleted('done', TOKEN, true));
    assert.ok(own < others, `${own} commands of the fast path, ${others} of BullMQ`);
  });

  it('leaves in Redis what BullMQ leaves there, in the usual case', () => compare(USUAL));

  it('leaves in Redis what BullMQ leaves there, whatever the state was', () =>
    fc.assert(fc.asyncProperty(state, compare), { numRuns: 300 }));

  it('leaves a job that runs already to the guard', async () => {
    await setUp(guarded, { ...USUAL, waiting: [{ priority: 1, isRetried: true }] });
    await guarded.redis.lpush(`${guarded.base}active`, 'waiting-0');
    assert.equal(await endUsually(guarded, USUAL), undefined);
    assert.equal(await guarded.redis.zcard(`${guarded.base}prioritized`), 1);
  });

  it('leaves all jobs to the guard while an event type is paused', async () => {
    await setUp(guarded, USUAL);
    await guarded.redis.hset(`${guarded.base}asdlc:paused-types`, 'b', '1:ops');
    assert.equal(await endUsually(guarded, USUAL), undefined);
  });

  it('leaves a damaged job to the guard', async () => {
    for (const [id, field] of [
      ['running', 'atm'],
      ['waiting-0', 'stc'],
    ] as const) {
      await setUp(guarded, USUAL);
      await guarded.redis.hset(`${guarded.base}${id}`, field, 'x');
      assert.equal(await endUsually(guarded, USUAL), undefined);
    }
  });

  for (const key of [
    'active',
    'completed',
    'delayed',
    'meta',
    'prioritized',
    'running',
    'running:lock',
    'waiting-0',
  ]) {
    it(`changes nothing when ${key} has a wrong type`, async () => {
      await setUp(guarded, USUAL);
      await guarded.redis.del(`${guarded.base}${key}`);
      await guarded.redis.sadd(`${guarded.base}${key}`, 'x');
      const before = await dump(guarded);
      assert.equal(await endUsually(guarded, USUAL), undefined);
      assert.deepEqual(await dump(guarded), before);
    });
  }

  for (const key of ['events', 'marker', 'stalled']) {
    it(`ends the job also when ${key} has a wrong type`, async () => {
      await setUp(guarded, USUAL);
      await guarded.redis.set(`${guarded.base}${key}`, 'x');
      assert.ok(await endUsually(guarded, USUAL));
      assert.equal(await guarded.redis.zscore(`${guarded.base}completed`, 'running'), String(NOW));
      assert.deepEqual(await guarded.redis.lrange(`${guarded.base}active`, 0, -1), ['waiting-0', 'other']);
    });
  }

  it('keeps the end for webhooks, and not that of a delivery', async () => {
    for (const [name, ends] of [
      ['a', ['event', 'completed', 'id', 'running', 'name', 'a']],
      ['asdlc.webhook', undefined],
    ] as const) {
      await setUp(guarded, USUAL);
      await guarded.redis.hset(`${guarded.base}running`, 'name', name);
      await guarded.redis.set(`${guarded.base}asdlc:webhooks:on`, '1');
      assert.ok(await endUsually(guarded, USUAL));
      const [entry] = await guarded.redis.xrange(`${guarded.base}asdlc:webhooks:outbox`, '-', '+');
      assert.deepEqual(entry?.[1], ends);
    }
  });
});

/** Without what differs by design: the end of a job names its event type, and BullMQ's repeats the result. */
async function readKey(redis: Redis, key: string, type: string): Promise<unknown> {
  if (type === 'hash') return redis.hgetall(key);
  if (type === 'list') return redis.lrange(key, 0, -1);
  if (type === 'set') return (await redis.smembers(key)).sort();
  if (type === 'zset') return redis.zrange(key, '0', '-1', 'WITHSCORES');
  if (type === 'string') return redis.get(key);
  const entries = await redis.xrange(key, '-', '+');
  return entries.map(([, pairs]) => {
    const fields = Object.fromEntries(
      Array.from({ length: pairs.length / 2 }, (_, i) => pairs.slice(2 * i, 2 * i + 2)),
    );
    const { name: _, returnvalue: __, ...others } = fields;
    return others;
  });
}
