import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { type Job, Worker } from 'bullmq';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { FIRST_PAGE, parseCursor } from '../../src/orchestrator/tasks/cursor.ts';
import { createTasks, type Tasks } from '../../src/orchestrator/tasks/tasks.ts';
import { loadOrchestratorConfig } from '../../src/shared/config.ts';
import type { TaskDetail, TaskStatus } from '../../src/shared/http-contract/tasks.ts';
import { STATUSES } from '../../src/shared/queue/bullmq-schema.ts';
import { createRequestRedis } from '../../src/shared/queue/connections.ts';
import { locateRedis } from '../../src/shared/redis-server.ts';
import { createLogger } from '../../src/shared/service/logging.ts';
import { startRedis } from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

const TYPES = ['bulk', 'a', 'a.b', 'never'];
const TOKEN = 'the test';
/** More than one script looks at, so that a listing needs several steps. */
const BULK = 1_300;

type Operation =
  | {
      readonly name: 'submit';
      readonly type: string;
      readonly priority: number;
      readonly delay: number;
      readonly key?: string;
    }
  | { readonly name: 'take' }
  | {
      readonly name: 'complete' | 'fail' | 'postpone' | 'remove' | 'retry' | 'forget';
      readonly which: number;
    };

const operation = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record(
      {
        name: fc.constant('submit' as const),
        type: fc.constantFrom('a', 'a.b', 'bulk'),
        priority: fc.constantFrom(0, 0, 1, 2_097_152),
        delay: fc.constantFrom(0, 0, 3_600_000, 3_600_001),
        key: fc.constantFrom('k1', 'k2', 'k3'),
      },
      { requiredKeys: ['name', 'type', 'priority', 'delay'], noNullPrototype: true },
    ),
  },
  { weight: 3, arbitrary: fc.constant({ name: 'take' as const }) },
  {
    weight: 6,
    arbitrary: fc.record({
      name: fc.constantFrom('complete', 'fail', 'postpone', 'remove', 'retry', 'forget'),
      which: fc.nat(),
    }),
  },
) as fc.Arbitrary<Operation>;

describe('look-ups and listings', () => {
  const scope = suiteScope();
  let admin: Redis;
  let tasks: Tasks;
  let worker: Worker;
  /** What must be found: the status of each task. */
  const model = new Map<string, TaskStatus>();
  const types = new Map<string, string>();
  const running = new Map<string, Job>();

  const submit = async (
    event_type: string,
    more: { priority?: number; delay_ms?: number } = {},
    key?: string,
  ) => {
    const { submitter } = tasks;
    const options = key === undefined ? {} : { idempotencyKey: `${event_type} ${key}` };
    const { id, status, isDuplicate } = await submitter.submit({ event_type, ...more }, options);
    assert.equal(isDuplicate, model.has(id));
    if (isDuplicate) assert.equal(status, model.get(id));
    model.set(id, status);
    types.set(id, event_type);
  };
  const take = async () => {
    const job = await worker.getNextJob(TOKEN, { block: false });
    if (job?.id === undefined) return;
    assert.equal(model.get(job.id), 'queued');
    model.set(job.id, 'active');
    running.set(job.id, job);
  };
  const end = async (id: string, how: 'complete' | 'fail' | 'postpone') => {
    const job = running.get(id);
    if (how === 'complete') await job?.moveToCompleted('done', TOKEN, false);
    if (how === 'fail') await job?.moveToFailed(new Error('as asked'), TOKEN, false);
    if (how === 'postpone') await job?.moveToDelayed(Date.now() + 3_600_000, TOKEN);
    running.delete(id);
    model.set(id, how === 'complete' ? 'completed' : how === 'fail' ? 'dead' : 'delayed');
  };
  const oneIn = (status: TaskStatus | undefined, which: number, start = '') => {
    const hasStatus = (id: string) => status === undefined || model.get(id) === status;
    const ids = [...model.keys()].filter((id) => hasStatus(id) && id.startsWith(start));
    return ids[which % Math.max(1, ids.length)];
  };

  before(async () => {
    const redis = await startRedis(scope);
    admin = new Redis(redis.url, { maxRetriesPerRequest: null });
    const logger = createLogger({ service: 'test', level: 'silent' });
    const config = { ...loadOrchestratorConfig({}), QUEUE_PREFIX: '{model}', TASK_MAX_ATTEMPTS: 1 };
    const connection = createRequestRedis({
      server: locateRedis({ REDIS_URL: redis.url, REDIS_MODE: 'single' }),
      logger,
    });
    await until('it is connected', () => connection.status === 'ready');
    tasks = createTasks(config, { redis: connection, tracing: undefined, logger });
    worker = new Worker('tasks', null, { connection: admin, prefix: '{model}', autorun: false });
    scope.after(() => admin.disconnect());
    scope.after(() => connection.disconnect());
    scope.after(() => tasks.close());
    scope.after(() => worker.close());
    await until('the index is complete', async () => admin.exists('{model}:tasks:asdlc:indexed'));
    for (const how of ['complete', 'fail', 'postpone', undefined] as const) {
      for (let n = 0; n < BULK; n += 50) {
        await Promise.all(Array.from({ length: 50 }, () => submit('bulk', { priority: 3 })));
        if (how === undefined) continue;
        await Promise.all(Array.from({ length: 50 }, take));
        await Promise.all([...running.keys()].map((id) => end(id, how)));
      }
    }
  });

  const carryOut = async (step: Operation): Promise<void> => {
    if (step.name === 'submit')
      return submit(step.type, { priority: step.priority, delay_ms: step.delay }, step.key);
    if (step.name === 'take') return take();
    const { name, which } = step;
    if (name === 'remove') {
      const id = oneIn(undefined, which);
      if (id === undefined) return;
      const removal = tasks.store.remove(id);
      if (model.get(id) === 'active') return assert.rejects(removal, { code: 'ASDLC_CONFLICT' });
      await removal;
      model.delete(id);
      await assert.rejects(tasks.store.get(id), { code: 'ASDLC_NOT_FOUND' });
    } else if (name === 'forget') {
      // As BullMQ does with a task whose time is over: the index keeps it.
      const id = oneIn('completed', which, 'key-') ?? '';
      await admin.zrem('{model}:tasks:completed', id);
      await admin.del(`{model}:tasks:${id}`);
      model.delete(id);
    } else if (name === 'retry') {
      const id = oneIn('dead', which) ?? '';
      if (id === '') return;
      await tasks.store.retry(id, 'model');
      model.set(id, 'queued');
    } else {
      const id = oneIn('active', which);
      if (id !== undefined) await end(id, name);
    }
  };

  /** What a task with this status is ordered by. */
  const orderOf = async (task: TaskDetail): Promise<number> => {
    if (task.status === 'delayed') return Number(await admin.zscore('{model}:tasks:delayed', task.id));
    const ended = task.status === 'dead' || task.status === 'completed';
    const time = task.status === 'queued' ? task.created_at : ended ? task.finished_at : task.started_at;
    return Date.parse(time ?? '');
  };

  /** All ids of a listing, page by page. No page but the last may be short. */
  const listAll = async (status: TaskStatus | undefined, eventType: string | undefined, limit: number) => {
    const ids: string[] = [];
    let cursor = FIRST_PAGE;
    for (;;) {
      const page = await tasks.listing.page({ status, filter: { eventType }, limit, cursor });
      for (const task of page.tasks) assert.equal(task.status, model.get(task.id));
      ids.push(...page.tasks.map(({ id }) => id));
      assert.ok(ids.length <= model.size, 'a page came twice');
      if (page.next_cursor === null) return ids;
      assert.equal(page.tasks.length, limit);
      cursor = parseCursor(page.next_cursor);
    }
  };

  it('agree with a model after any operations', async () => {
    const steps = fc.array(operation, { minLength: 20, maxLength: 60 });
    const property = fc.asyncProperty(steps, fc.constantFrom(7, 50, 200), async (operations, limit) => {
      for (const step of operations) await carryOut(step);
      const details = new Map<string, TaskDetail>();
      for (const id of model.keys()) details.set(id, await tasks.store.get(id));
      const orders = new Map<string, number>();
      for (const [id, task] of details) {
        assert.equal(task.status, model.get(id));
        orders.set(id, await orderOf(task));
      }
      for (const type of [undefined, ...TYPES]) {
        const expected = STATUSES.map((status) =>
          [...details.values()]
            .filter((task) => task.status === status && (type === undefined || task.event_type === type))
            .map(({ id }) => id)
            .sort((a, b) => (orders.get(b) ?? 0) - (orders.get(a) ?? 0) || (a < b ? 1 : -1)),
        );
        assert.deepEqual(await listAll(undefined, type, limit), expected.flat());
        for (const [i, status] of STATUSES.entries())
          assert.deepEqual(await listAll(status, type, limit), expected[i], `${status} ${type}`);
      }
    });
    await fc.assert(property, { numRuns: 6, seed: 13, endOnFailure: true });
  });

  it('show a task once that was queued again under the key of one that BullMQ removed', async () => {
    await submit('never', {}, 'again');
    const [{ id = '' } = {}] = (
      await tasks.listing.page({ filter: { eventType: 'never' }, limit: 1, cursor: FIRST_PAGE })
    ).tasks;
    while (model.get(id) === 'queued') await take();
    await end(id, 'complete');
    await carryOut({
      name: 'forget',
      which: [...model].filter(isKeyed).findIndex(([found]) => found === id),
    });
    await submit('never', {}, 'again');
    assert.deepEqual(await listAll('queued', 'never', 10), [id]);
    assert.deepEqual(await listAll(undefined, 'never', 10), [id]);
  });

  const isKeyed = ([id, status]: [string, TaskStatus]) => status === 'completed' && id.startsWith('key-');
});
