import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Redis } from 'ioredis';
import { post, request, sample, taskIn } from '../support/http.ts';
import { startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { adminOf } from '../support/redis-servers.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

describe('the deduplication of tasks', () => {
  const scope = suiteScope();
  let admin: Redis;
  let url: string;
  let others: string[];

  before(async () => {
    const redis = await startRedis(scope);
    admin = adminOf(scope, redis.url);
    const env = { REDIS_URL: redis.url, TASK_RETRY_DELAY: '0.05', TASK_ROUTES: 'hang=side' };
    const servers = await Promise.all([1, 2, 3].map(() => startOrchestrator(scope, env)));
    [url = '', ...others] = servers.map((server) => server.url);
    await startWorkers(scope, env);
  });

  const submit = async (deduplication: object, more: object = {}, headers = {}) => {
    const body = { event_type: 'echo', deduplication, ...more };
    const answer = await post(`${url}/api/tasks`, body, headers);
    assert.equal(answer.status, 202, JSON.stringify(answer.body));
    return answer.body;
  };
  const ended = (id: string) => taskIn(url, id, ['completed', 'dead']);
  const keys = () => admin.keys('{asdlc}:tasks:de:*');

  it('adds no second task until the first one has ended', async () => {
    const first = await submit({ id: 'a' }, { delay_ms: 3_600_000, payload: 1 });
    const second = await submit({ id: 'a' }, { payload: 2 });
    assert.deepEqual(second, {
      id: first.id,
      event_type: 'echo',
      queue: 'tasks',
      status: 'delayed',
      deduplicated: true,
    });
    assert.equal(
      await sample(url, 'asdlc_events_enqueued_total', { event_type: 'echo', result: 'deduplicated' }),
      1,
    );
    const other = await submit({ id: 'a' }, { event_type: 'trace' });
    assert.notEqual(other.id, first.id);
    assert.equal((await post(`${url}/api/tasks/${first.id}/run`, '')).status, 202);
    assert.deepEqual((await ended(first.id)).result.payload, 1);
    const third = await submit({ id: 'a' }, { payload: 3 });
    assert.deepEqual((await ended(third.id)).result.payload, 3);
    await ended(other.id);
    assert.deepEqual(await keys(), []);
  });

  it('frees the name of a task that is dead, cancelled or removed', async () => {
    const fails = { event_type: 'fail.for-good' };
    assert.equal((await ended((await submit({ id: 'b' }, fails)).id)).status, 'dead');
    assert.equal((await submit({ id: 'b' }, fails)).deduplicated, undefined);
    const later = { delay_ms: 3_600_000 };
    for (const end of [
      (path: string) => post(`${path}/cancel`, ''),
      (path: string) => request(path, { method: 'DELETE' }),
    ]) {
      const { id, deduplicated } = await submit({ id: 'c' }, later);
      assert.equal(deduplicated, undefined);
      assert.ok((await end(`${url}/api/tasks/${id}`)).status < 300);
    }
    const throttled = { id: 'd', mode: 'throttle', ttl_ms: 3_600_000 };
    const { id } = await submit(throttled, later);
    assert.equal((await request(`${url}/api/tasks/${id}`, { method: 'DELETE' })).status, 204);
    assert.equal((await submit(throttled)).deduplicated, undefined);
  });

  it('adds no second task within a time, also after the end of the first one', async () => {
    const throttled = { id: 'e', mode: 'throttle', ttl_ms: 3_600_000 };
    const { id } = await submit(throttled);
    await ended(id);
    assert.deepEqual(await submit(throttled), {
      id,
      event_type: 'echo',
      queue: 'tasks',
      status: 'completed',
      deduplicated: true,
    });
    await admin.del(`{asdlc}:tasks:${id}`);
    await admin.zrem('{asdlc}:tasks:completed', id);
    assert.deepEqual(await submit(throttled), {
      id,
      event_type: 'echo',
      queue: 'tasks',
      status: 'completed',
      deduplicated: true,
    });
    await admin.pexpire('{asdlc}:tasks:de:echo:e', 1);
    await until('the time is over', async () => (await admin.exists('{asdlc}:tasks:de:echo:e')) === 0);
    assert.notEqual((await submit(throttled)).id, id);
  });

  it('runs only the last of several tasks, a time after it', async () => {
    const debounced = { id: 'f', mode: 'debounce', ttl_ms: 1_000 };
    const first = await submit(debounced, { payload: 1, max_attempts: 1 });
    assert.equal(first.status, 'delayed');
    const due = Date.parse((await request(`${url}/api/tasks/${first.id}`)).body.due_at);
    const now = async () => {
      const [seconds, micros] = await admin.time();
      return Number(seconds) * 1000 + Number(micros) / 1000;
    };
    const start = await now();
    await until('some milliseconds are over', async () => (await now()) > start + 10);
    const last = await submit(debounced, { payload: 2, max_attempts: 7 });
    assert.deepEqual(last, {
      id: first.id,
      event_type: 'echo',
      queue: 'tasks',
      status: 'delayed',
      deduplicated: true,
    });
    const task = (await request(`${url}/api/tasks/${first.id}`)).body;
    assert.deepEqual([task.payload, task.max_attempts], [2, 7]);
    assert.ok(Date.parse(task.due_at) >= due + 10);
    const end = await ended(first.id);
    assert.equal(end.result.payload, 2);
    assert.ok(Date.parse(end.started_at) >= Date.parse(task.due_at) - 100);
    assert.notEqual((await submit(debounced)).id, first.id);
  });

  it('holds within a batch and among many at once, and for the tasks within a task', async () => {
    const flow = { event_type: 'echo', deduplication: { id: 'g' }, children: [{ event_type: 'hang' }] };
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => post(`${url}/api/tasks/batch`, { tasks: [flow, flow, flow] })),
    );
    const tasks = answers.flatMap(({ body }) => body.tasks);
    const added = tasks.filter((task) => !task.deduplicated);
    assert.equal(added.length, 1);
    assert.ok(tasks.every(({ id, status }) => id === added[0].id && status === 'blocked'));
    const { body } = await request(`${url}/api/tasks?event_type=hang`);
    assert.equal(body.tasks.length, 1);
    await post(`${url}/api/tasks/${added[0].id}/cancel`, '');
  });

  it('leaves no task under an Idempotency-Key, and a repeat of the first one is a duplicate', async () => {
    const headers = { 'idempotency-key': 'first' };
    const first = await submit({ id: 'h' }, { delay_ms: 3_600_000 }, headers);
    assert.deepEqual(await submit({ id: 'h' }, {}, headers), first);
    const second = await submit({ id: 'h' }, {}, { 'idempotency-key': 'second' });
    assert.deepEqual([second.id, second.deduplicated], [first.id, true]);
  });

  it('holds among several orchestrators, for each mode', async () => {
    for (const deduplication of [
      { id: 'many' },
      { id: 'many-throttled', mode: 'throttle', ttl_ms: 3_600_000 },
      { id: 'many-debounced', mode: 'debounce', ttl_ms: 3_600_000 },
    ]) {
      const body = { event_type: 'hang', deduplication };
      const answers = await Promise.all(
        Array.from({ length: 60 }, (_, i) =>
          post(`${[url, ...others][i % 3]}/api/tasks`, { ...body, payload: i }),
        ),
      );
      assert.ok(answers.every(({ status }) => status === 202));
      assert.equal(new Set(answers.map((answer) => answer.body.id)).size, 1);
      assert.equal(answers.filter((answer) => !answer.body.deduplicated).length, 1);
    }
  });

  it('belongs to a queue', async () => {
    const first = await submit({ id: 'queues' }, { delay_ms: 3_600_000 });
    const second = await submit({ id: 'queues' }, { delay_ms: 3_600_000, queue: 'side' });
    assert.deepEqual([second.queue, second.deduplicated], ['side', undefined]);
    const third = await submit({ id: 'queues' }, { queue: 'side' });
    assert.deepEqual([third.id, third.queue, third.deduplicated], [second.id, 'side', true]);
    assert.notEqual(first.id, second.id);
    const headers = { 'idempotency-key': 'in one queue' };
    const kept = await submit({ id: 'keyed' }, { delay_ms: 3_600_000 }, headers);
    await submit({ id: 'keyed' }, { delay_ms: 3_600_000, queue: 'side' });
    assert.deepEqual(await submit({ id: 'keyed' }, { queue: 'side' }, headers), kept);
  });

  it('knows a debounced task under its key by the payload with which it came', async () => {
    const debounced = { id: 'keys', mode: 'debounce', ttl_ms: 3_600_000 };
    const headers = { 'idempotency-key': 'debounced' };
    const first = await submit(debounced, { payload: { a: 1, b: 2 } }, headers);
    await submit(debounced, { payload: 'newest' });
    assert.deepEqual(await submit(debounced, { payload: { b: 2, a: 1 } }, headers), first);
    for (const payload of ['newest', undefined, null]) {
      const body = { event_type: 'echo', deduplication: debounced, payload };
      assert.equal((await post(`${url}/api/tasks`, body, headers)).status, 422);
    }
    assert.equal((await request(`${url}/api/tasks/${first.id}`)).body.payload, 'newest');
  });

  it('lets a debounced task replace no task of another mode', async () => {
    const first = await submit({ id: 'mixed' }, { delay_ms: 3_600_000, next: [{ event_type: 'echo' }] });
    const second = await submit({ id: 'mixed', mode: 'debounce', ttl_ms: 3_600_000 }, { payload: 2 });
    assert.equal(second.deduplicated, undefined);
    const task = (await request(`${url}/api/tasks/${first.id}`)).body;
    assert.deepEqual([task.payload, task.next.length], [null, 1]);
  });

  it('claims no name when Redis refuses, and keeps a task of a refused batch that stands for others', async (t) => {
    t.after(() => admin.config('SET', 'maxmemory', '0'));
    const alone = { event_type: 'echo', deduplication: { id: 'refused' }, delay_ms: 3_600_000 };
    await admin.config('SET', 'maxmemory', '1');
    assert.equal((await post(`${url}/api/tasks`, alone)).status, 503);
    await admin.config('SET', 'maxmemory', '0');
    assert.deepEqual(await admin.keys('{asdlc}:tasks:de:echo:refused'), []);

    const rest = Array(997).fill({ event_type: 'echo', payload: 'x'.repeat(1_000), delay_ms: 3_600_000 });
    const other = { ...alone, deduplication: { id: 'other' } };
    const used = Number(/used_memory:(\d+)/.exec(await admin.info('memory'))?.[1]);
    await admin.config('SET', 'maxmemory', String(used + 400_000));
    const { status } = await post(`${url}/api/tasks/batch`, { tasks: [alone, alone, other, ...rest] });
    assert.equal(status, 503);
    await admin.config('SET', 'maxmemory', '0');
    assert.deepEqual(await admin.keys('{asdlc}:tasks:de:echo:other'), []);
    const kept = await submit({ id: 'refused' });
    assert.deepEqual([kept.status, kept.deduplicated], ['delayed', true]);
  });

  it('is refused with a message that says what was expected', async () => {
    for (const [deduplication, more, message] of [
      [{ id: '' }, {}, /id.*1 to 200 characters/],
      [{ id: 'a', mode: 'first' }, {}, /mode.*simple/],
      [{ id: 'a', mode: 'throttle' }, {}, /expected ttl_ms with the mode throttle; got none/],
      [{ id: 'a', ttl_ms: 5 }, {}, /expected no ttl_ms with the mode simple; got one/],
      [{ id: 'a', mode: 'debounce', ttl_ms: 5 }, { delay_ms: 1 }, /no delay_ms, children or next/],
    ] as const) {
      const answer = await post(`${url}/api/tasks`, { event_type: 'echo', deduplication, ...more });
      assert.equal(answer.status, 400);
      assert.match(answer.body.message, message);
    }
  });

  it('takes a damaged key as none', async () => {
    await admin.rpush('{asdlc}:tasks:de:echo:i', 'x');
    await ended((await submit({ id: 'i' })).id);
    assert.deepEqual(await admin.keys('{asdlc}:tasks:de:echo:i'), []);
  });
});
