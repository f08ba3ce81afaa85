import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { FlowProducer, UnrecoverableError, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { guardScripts } from '../../src/shared/queue/bullmq-guard.ts';
import { post, request, sample, sum, taskIn } from '../support/http.ts';
import { type RunningServer, startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { adminOf } from '../support/redis-servers.ts';
import { suiteScope } from '../support/scope.ts';

describe('a blocked task', () => {
  const scope = suiteScope();
  let admin: Redis;
  let url: string;
  let flows: FlowProducer;

  before(async () => {
    const redis = await startRedis(scope);
    admin = adminOf(scope, redis.url);
    url = (await startOrchestrator(scope, { REDIS_URL: redis.url })).url;
    flows = new FlowProducer({ connection: admin, prefix: '{asdlc}' });
    scope.after(() => flows.close());
  });

  const blocked = async () => {
    const child = { name: 'echo', data: {}, queueName: 'tasks' };
    const { job } = await flows.add({ name: 'echo', data: {}, queueName: 'tasks', children: [child] });
    return job.id ?? '';
  };
  const count = async () => (await request(`${url}/api/queue`)).body.tasks.blocked;

  it('is shown, listed and counted', async () => {
    const id = await blocked();
    assert.equal((await request(`${url}/api/tasks/${id}`)).body.status, 'blocked');
    for (const filter of ['status=blocked', `id=${id.slice(0, 9)}`]) {
      const { tasks } = (await request(`${url}/api/tasks?${filter}`)).body;
      assert.deepEqual(
        tasks.map((task: { id: string; status: string }) => [task.id, task.status]),
        [[id, 'blocked']],
      );
    }
    assert.equal(await count(), 1);
    assert.equal(await sample(url, 'asdlc_queue_tasks', { state: 'blocked' }), 1);
  });

  it('is cancelled and removed, one or many at once', async () => {
    const id = await blocked();
    const { status, body } = await post(`${url}/api/tasks/${id}/cancel`, '');
    assert.deepEqual([status, body.status], [202, 'dead']);
    assert.equal((await request(`${url}/api/tasks/${await blocked()}`, { method: 'DELETE' })).status, 204);
    await blocked();
    const before = await count();
    const cancelled = await post(`${url}/api/tasks/bulk`, {
      action: 'cancel',
      filter: { status: 'blocked' },
    });
    assert.deepEqual([cancelled.body.matched, cancelled.body.done], [before, before]);
    assert.equal(await count(), 0);
  });
});

describe('a child that is retried while a worker ends its parent', () => {
  const TOKEN = 'the test';
  const scope = suiteScope();
  let url: string;
  let worker: Worker;

  before(async () => {
    const redis = await startRedis(scope);
    const connection = new Redis(redis.url, { maxRetriesPerRequest: null });
    scope.after(() => connection.disconnect());
    guardScripts(connection);
    url = (await startOrchestrator(scope, { REDIS_URL: redis.url })).url;
    worker = new Worker('tasks', null, { connection, prefix: '{asdlc}', autorun: false });
    scope.after(() => worker.close());
  });

  const take = async (id: string) => {
    const job = await worker.getNextJob(TOKEN, { block: false });
    assert.equal(job?.id, id);
    return job;
  };
  const task = async (id: string) => (await request(`${url}/api/tasks/${id}`)).body;
  const retry = (id: string) => post(`${url}/api/tasks/${id}/retry`, '');

  for (const endsFirst of ['the parent', 'the child'] as const) {
    it(`lets the flow go on when ${endsFirst} ends first`, async () => {
      const flow = { event_type: 'echo', children: [{ event_type: 'echo' }], next: [{ event_type: 'echo' }] };
      const { body } = await post(`${url}/api/tasks`, flow);
      const [child, follower] = [body.children[0].id, body.next[0].id];
      await (await take(child)).moveToFailed(new UnrecoverableError('as asked'), TOKEN, false);
      const parent = await take(body.id);
      const endParent = () =>
        parent.moveToFailed(new UnrecoverableError(parent.deferredFailure), TOKEN, false);
      assert.equal((await retry(child)).status, 202);
      if (endsFirst === 'the parent') await endParent();
      await (await take(child)).moveToCompleted('done', TOKEN, false);
      if (endsFirst === 'the child') await endParent();
      assert.deepEqual([(await task(body.id)).status, (await task(follower)).status], ['queued', 'blocked']);
      const { changes } = (await request(`${url}/api/tasks/${body.id}/history`)).body;
      assert.equal(changes.filter((change: { action: string }) => change.action === 'task.retry').length, 1);
      await (await take(body.id)).moveToCompleted('done', TOKEN, false);
      await (await take(follower)).moveToCompleted('done', TOKEN, false);
      assert.equal((await task(follower)).status, 'completed');
    });
  }

  it('leaves the parent dead while another child is', async () => {
    const children = [{ event_type: 'echo' }, { event_type: 'echo' }];
    const { body } = await post(`${url}/api/tasks`, { event_type: 'echo', children });
    const [first, second] = body.children.map(({ id }: { id: string }) => id);
    const fails = async (id: string) =>
      (await take(id)).moveToFailed(new UnrecoverableError('as asked'), TOKEN, false);
    await fails(first);
    await fails(second);
    const parent = await take(body.id);
    assert.equal((await retry(first)).status, 202);
    await parent.moveToFailed(new UnrecoverableError(parent.deferredFailure), TOKEN, false);
    assert.equal((await task(body.id)).status, 'dead');
    assert.equal((await retry(second)).status, 202);
    assert.equal((await task(body.id)).status, 'blocked');
  });
});

describe('a flow', () => {
  const scope = suiteScope();
  const folder = mkdtempSync(join(tmpdir(), 'asdlc-flows-'));
  let admin: Redis;
  let url: string;
  let worker: RunningServer;

  before(async () => {
    const redis = await startRedis(scope);
    admin = adminOf(scope, redis.url);
    const env = { REDIS_URL: redis.url, TASK_RETRY_DELAY: '0.05', WORKER_POOL_SIZE: '4' };
    url = (await startOrchestrator(scope, env)).url;
    worker = await startWorkers(scope, env);
    scope.after(() => rmSync(folder, { recursive: true }));
  });

  const submit = async (body: object, headers = {}) => {
    const answer = await post(`${url}/api/tasks`, body, headers);
    assert.equal(answer.status, 202, JSON.stringify(answer.body));
    return answer.body;
  };
  const task = async (id: string) => (await request(`${url}/api/tasks/${id}`)).body;
  const ended = (id: string) => taskIn(url, id, ['completed', 'dead']);
  const idsOf = (tasks: readonly { id: string }[]) => tasks.map(({ id }) => id);
  const action = (id: string, name: string) => post(`${url}/api/tasks/${id}/${name}`, '');
  const remove = (id: string) => request(`${url}/api/tasks/${id}`, { method: 'DELETE' });
  /** A handler of `file.there` works once this was called. */
  const file = () => {
    const path = join(folder, randomUUID());
    return { path, appear: () => writeFileSync(path, '') };
  };
  const echo = (payload: unknown) => ({ event_type: 'echo', payload });
  const later = { event_type: 'echo', delay_ms: 3_600_000 };

  for (const event_type of ['flow', 'flow.thread']) {
    it(`runs a task after its children, with their results: ${event_type}`, async () => {
      const children = [echo([1]), { event_type: 'one', payload: { ms: 100 } }, echo('c')];
      const submitted = await submit({ event_type, children });
      assert.equal(submitted.status, 'blocked');
      assert.deepEqual(
        submitted.children.map((child: { event_type: string }) => child.event_type),
        ['echo', 'one', 'echo'],
      );
      const { status, result, started_at } = await ended(submitted.id);
      assert.equal(status, 'completed');
      assert.deepEqual(
        result.children.map((child: object) => ({ ...child })),
        submitted.children.map(({ id, event_type }: { id: string; event_type: string }, i: number) => ({
          id,
          eventType: event_type,
          status: 'completed',
          result: i === 1 ? null : { payload: i === 0 ? [1] : 'c', attempt: 1, eventType: 'echo' },
        })),
      );
      for (const id of idsOf(submitted.children)) {
        const child = await task(id);
        assert.deepEqual(child.parent, { id: submitted.id, event_type, status: 'completed' });
        assert.ok(Date.parse(child.finished_at) <= Date.parse(started_at) + 100);
      }
      assert.deepEqual(idsOf((await task(submitted.id)).children), idsOf(submitted.children));
    });
  }

  it('runs tasks one after the other, each with the result of the one before', async () => {
    const submitted = await submit({ ...echo(1), next: [{ event_type: 'flow' }, { event_type: 'flow' }] });
    assert.equal(submitted.status, 'queued');
    const [second = '', third = ''] = idsOf(submitted.next);
    const last = await ended(third);
    assert.deepEqual([last.status, last.result.previous.id], ['completed', second]);
    const between = last.result.previous.result;
    assert.deepEqual(between.previous.result.payload, 1);
    assert.deepEqual(
      (await task(submitted.id)).next.map(({ id, status }: { id: string; status: string }) => [id, status]),
      [
        [second, 'completed'],
        [third, 'completed'],
      ],
    );
    assert.deepEqual(idsOf(last.children), [second]);
  });

  it('runs children, their parent and what follows it', async () => {
    const submitted = await submit({
      event_type: 'flow',
      children: [echo(1), echo(2)],
      next: [{ event_type: 'flow' }],
    });
    const { status, result } = await ended(submitted.next[0].id);
    assert.equal(status, 'completed');
    assert.deepEqual(idsOf(result.previous.result.children), idsOf(submitted.children));
  });

  it('ends its parents with a dead child, and runs on when that is retried', async () => {
    const { path, appear } = file();
    const child = { event_type: 'file.there', payload: { path } };
    const submitted = await submit({
      event_type: 'flow',
      children: [echo(1), child],
      next: [{ event_type: 'flow' }],
    });
    const follower = submitted.next[0].id;
    const deadChild = submitted.children[1].id;
    const end = await ended(follower);
    assert.deepEqual(
      [end.status, end.error.message],
      ['dead', `child dead: it waited for task ${submitted.id}, which is dead`],
    );
    assert.match(
      (await task(submitted.id)).error.message,
      new RegExp(`^child dead: it waited for task ${deadChild},`),
    );
    assert.equal(await sum(worker.url, 'asdlc_events_dead_total', { reason: 'child_dead' }), 2);
    appear();
    assert.equal((await action(deadChild, 'retry')).status, 202);
    assert.equal(
      (await taskIn(url, follower, ['completed'])).result.previous.result.children[1].result,
      'there',
    );
    const { changes } = (await request(`${url}/api/tasks/${submitted.id}/history`)).body;
    assert.deepEqual(
      changes.map((change: { action: string }) => change.action),
      ['task.retry'],
    );
  });

  it('retries the dead children with their parent, one or many at once', async () => {
    for (const isBulk of [false, true]) {
      const files = [file(), file()];
      const children = files.map(({ path }) => ({ event_type: 'file.there', payload: { path } }));
      const submitted = await submit({ event_type: 'flow', children, next: [{ event_type: 'flow' }] });
      const follower = submitted.next[0].id;
      assert.equal((await ended(follower)).status, 'dead');
      for (const id of idsOf(submitted.children)) assert.equal((await ended(id)).status, 'dead');
      for (const { appear } of files) appear();
      if (isBulk) {
        const ids = [...idsOf(submitted.children), submitted.id, follower];
        const { body } = await post(`${url}/api/tasks/bulk`, { action: 'retry', filter: { ids } });
        assert.deepEqual([body.matched, body.done, body.failed], [4, 4, 0]);
      } else assert.equal((await action(follower, 'retry')).body.status, 'blocked');
      await taskIn(url, follower, ['completed']);
    }
  });

  it('runs the parent in spite of a dead child if that is asked for', async () => {
    const children = [{ event_type: 'fail.for-good' }, echo(2)];
    const { id } = await submit({ event_type: 'flow', on_child_dead: 'run', children });
    const { status, result } = await ended(id);
    assert.equal(status, 'completed');
    assert.deepEqual(
      result.children.map((child: { status: string; error?: string }) => [child.status, child.error]),
      [
        ['dead', 'no use'],
        ['completed', undefined],
      ],
    );
  });

  it('ends with the child that is cancelled or removed', async () => {
    for (const change of [(id: string) => action(id, 'cancel'), remove]) {
      const { id, children, next } = await submit({
        event_type: 'flow',
        children: [echo(1), later],
        next: [later],
      });
      assert.ok((await change(children[1].id)).status < 300);
      assert.match(
        (await ended(id)).error.message,
        new RegExp(`task ${children[1].id}, which (is dead|was removed)$`),
      );
      assert.equal((await ended(next[0].id)).status, 'dead');
    }
  });

  it('ends or removes the children that have not ended with their parent', async () => {
    const flow = { event_type: 'flow', children: [later, { event_type: 'hang' }], next: [later] };
    const first = await submit(flow);
    await taskIn(url, first.children[1].id, ['active']);
    assert.equal((await action(first.next[0].id, 'cancel')).body.status, 'dead');
    for (const id of [first.id, ...idsOf(first.children)])
      assert.match((await ended(id)).error.message, /^cancelled:/);
    const second = await submit({ ...flow, children: [later, echo(1)] });
    await ended(second.children[1].id);
    assert.equal((await remove(second.next[0].id)).status, 204);
    const statuses = await Promise.all([second.next[0].id, second.id, ...idsOf(second.children)].map(task));
    assert.deepEqual(
      statuses.map(({ status, code }) => status ?? code),
      ['ASDLC_NOT_FOUND', 'ASDLC_NOT_FOUND', 'ASDLC_NOT_FOUND', 'completed'],
    );
  });

  it('cannot be retried while a child is gone', async () => {
    const { id, children } = await submit({
      event_type: 'flow',
      children: [{ event_type: 'fail.for-good' }],
    });
    assert.equal((await ended(id)).status, 'dead');
    assert.equal((await remove(children[0].id)).status, 204);
    const { status, body } = await action(id, 'retry');
    assert.deepEqual([status, body.code], [409, 'ASDLC_CONFLICT']);
  });

  it('leaves the other dead children as they are when it cannot be retried', async () => {
    const { path, appear } = file();
    const dead = { event_type: 'file.there', payload: { path } };
    const submitted = await submit({
      event_type: 'flow',
      children: [dead, dead],
      next: [{ event_type: 'flow' }],
    });
    const [gone = '', other = ''] = idsOf(submitted.children);
    const follower = submitted.next[0].id;
    for (const id of [gone, other, follower]) assert.equal((await ended(id)).status, 'dead');
    assert.equal((await remove(gone)).status, 204);
    appear();
    assert.equal((await action(follower, 'retry')).status, 409);
    const { body } = await post(`${url}/api/tasks/bulk`, {
      action: 'retry',
      filter: { ids: [follower, submitted.id] },
    });
    assert.deepEqual([body.matched, body.done, body.failures.changed], [2, 0, 2]);
    for (const id of [other, submitted.id, follower]) assert.equal((await task(id)).status, 'dead');
  });

  it('is retried with many others, and with all their dead children', async () => {
    const { path, appear } = file();
    const children = Array(10).fill({ event_type: 'file.there', payload: { path } });
    const tasks = Array(30).fill({ event_type: 'flow', children });
    const { body } = await post(`${url}/api/tasks/batch`, { tasks });
    const ids = idsOf(body.tasks);
    for (const { id, children } of body.tasks)
      for (const each of [id, ...idsOf(children)]) assert.equal((await ended(each)).status, 'dead');
    appear();
    const retried = await post(`${url}/api/tasks/bulk`, { action: 'retry', filter: { ids } });
    assert.deepEqual([retried.body.matched, retried.body.done, retried.body.failed], [30, 30, 0]);
    for (const id of ids) assert.equal((await ended(id)).status, 'completed');
  });

  it('is made once under one key, and refused with other tasks within', async () => {
    const headers = { 'idempotency-key': 'a flow' };
    const flow = {
      event_type: 'flow',
      payload: 1,
      children: [{ event_type: 'echo', payload: { a: 1, b: 2 } }],
      next: [later],
    };
    const answers = await Promise.all([flow, flow, flow].map((body) => submit(body, headers)));
    await ended(answers[0].id);
    const again = { ...flow, children: [{ event_type: 'echo', payload: { b: 2, a: 1 } }] };
    const repeated = await submit(again, headers);
    for (const answer of [...answers, repeated]) {
      assert.deepEqual(
        [answer.id, answer.children, answer.next],
        [repeated.id, repeated.children, repeated.next],
      );
    }
    for (const other of [
      { ...flow, children: [echo(2)] },
      { event_type: 'flow', payload: 1 },
      { ...flow, on_child_dead: 'run' },
    ])
      assert.equal(
        (await post(`${url}/api/tasks`, other, headers)).body.code,
        'ASDLC_IDEMPOTENCY_KEY_REUSED',
      );
  });

  it('counts toward the limits of a batch', async () => {
    const flow = { event_type: 'flow', children: Array(100).fill(echo(1)) };
    const send = (tasks: unknown[]) => post(`${url}/api/tasks/batch`, { tasks });
    assert.match(
      (await send(Array(10).fill(flow))).body.message,
      /at most 1000 tasks with those within them; got 1010/,
    );
    const { body } = await send([flow, flow, echo(3)]);
    assert.deepEqual(
      body.tasks.map((each: { status: string; children?: unknown[] }) => [
        each.status,
        each.children?.length,
      ]),
      [
        ['blocked', 100],
        ['blocked', 100],
        ['queued', undefined],
      ],
    );
    for (const { id } of body.tasks) assert.equal((await ended(id)).status, 'completed');
  });

  it('is refused with a message that says what was expected', async () => {
    for (const [body, message] of [
      [{ event_type: 'flow', children: [] }, /children.*1 to 100 tasks/],
      [{ event_type: 'flow', children: Array(101).fill(later) }, /children.*1 to 100 tasks/],
      [{ event_type: 'flow', next: Array(21).fill(later) }, /next.*1 to 20 tasks/],
      [
        { event_type: 'flow', children: [{ event_type: 'flow', children: [later] }] },
        /children\.0.*children/,
      ],
      [{ event_type: 'flow', children: [later], on_child_dead: 'ignore' }, /on_child_dead.*fail or run/],
      [
        '{"event_type":"flow","children":[{"event_type":"echo","payload":9007199254740993}]}',
        /9007199254740993/,
      ],
    ] as const) {
      const answer = await post(`${url}/api/tasks`, body);
      assert.equal(answer.status, 400);
      assert.match(answer.body.message, message);
    }
  });

  it('is added whole or not at all while Redis has little memory', async (t) => {
    t.after(() => admin.config('SET', 'maxmemory', '0'));
    const used = Number(/used_memory:(\d+)/.exec(await admin.info('memory'))?.[1]);
    await admin.config('SET', 'maxmemory', String(used + 300_000));
    const flow = {
      event_type: 'flow',
      delay_ms: 3_600_000,
      children: Array(10).fill({ ...later, payload: 'x'.repeat(1_000) }),
    };
    const made: { children: { id: string }[]; id: string }[] = [];
    for (;;) {
      const { status, body } = await post(`${url}/api/tasks`, flow);
      if (status === 503) break;
      made.push(body);
    }
    assert.ok(made.length > 0);
    const { body } = await request(`${url}/api/queue`);
    assert.equal(await admin.zcard('{asdlc}:tasks:waiting-children'), body.tasks.blocked);
    for (const { id, children } of made) assert.deepEqual(idsOf((await task(id)).children), idsOf(children));
    const sets = await admin.keys('{asdlc}:tasks:*:dependencies');
    for (const set of sets) assert.equal(await admin.exists(set.slice(0, -':dependencies'.length)), 1);
  });
});
