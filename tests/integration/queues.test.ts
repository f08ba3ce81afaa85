import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { openEvents } from '../support/event-stream.ts';
import { post, request, runTask, sample, taskIn } from '../support/http.ts';
import { startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

const ROUTES = 'one=gpu,rated*=gpu,bulk';

describe('several queues', () => {
  const scope = suiteScope();
  let url: string;
  let workers: string;
  let env: NodeJS.ProcessEnv;

  before(async () => {
    env = { REDIS_URL: (await startRedis(scope)).url };
    [{ url }, { url: workers }] = await Promise.all([
      startOrchestrator(scope, { ...env, TASK_ROUTES: ROUTES }),
      startWorkers(scope, { ...env, WORKER_QUEUES: 'tasks:2,gpu:1,bulk:1' }),
    ]);
  });

  const submit = async (task: object, key?: string) =>
    post(`${url}/api/tasks`, task, key === undefined ? {} : { 'idempotency-key': key });
  const get = async (path: string) => (await request(`${url}${path}`)).body;

  it('take tasks by event type or by name, and each task is found by its id', async () => {
    const [routed, named, plain] = await Promise.all([
      submit({ event_type: 'rated.fast' }),
      submit({ event_type: 'echo', queue: 'bulk' }),
      submit({ event_type: 'echo' }),
    ]);
    const all = [routed, named, plain].map(({ body }) => body);
    assert.deepEqual(
      all.map(({ queue }) => queue),
      ['gpu', 'bulk', 'tasks'],
    );
    for (const { id, queue } of all) {
      const task = await taskIn(url, id, ['completed', 'dead']);
      assert.deepEqual([task.status, task.queue], ['completed', queue]);
      assert.equal((await get(`/api/tasks/${id}/history`)).attempts.length, 1);
      assert.equal((await get(`/api/tasks/${id}?wait=1`)).queue, queue);
    }
    const listed = await get(`/api/tasks?queue=bulk`);
    assert.deepEqual(
      listed.tasks.map(({ id }: { id: string }) => id),
      [named.body.id],
    );
    const found = await get(`/api/tasks?id=${routed.body.id}`);
    assert.deepEqual(
      found.tasks.map(({ queue }: { queue: string }) => queue),
      ['gpu'],
    );
    assert.equal((await request(`${url}/api/tasks/${routed.body.id}`, { method: 'DELETE' })).status, 204);
    assert.equal((await request(`${url}/api/tasks/${routed.body.id}`)).status, 404);
  });

  it('refuse a name that nobody knows', async () => {
    const calls = [
      submit({ event_type: 'echo', queue: 'gpus' }),
      post(`${url}/api/tasks/batch`, {
        tasks: [{ event_type: 'echo' }, { event_type: 'echo', queue: 'gpus' }],
      }),
      request(`${url}/api/tasks?queue=gpus`),
      request(`${url}/api/errors?queue=gpus`),
      request(`${url}/api/queue?queue=gpus`),
      request(`${url}/api/events?queue=gpus`),
      post(`${url}/api/queue/pause?queue=gpus`, ''),
      post(`${url}/api/tasks/bulk`, { action: 'retry', filter: { queue: 'gpus' } }),
    ];
    for (const { status, body } of await Promise.all(calls)) {
      assert.deepEqual([status, body.code], [400, 'ASDLC_INPUT_INVALID']);
      assert.match(body.message, /queue: expected one of tasks, gpu, bulk; got "gpus"/);
    }
    assert.equal((await get('/api/queue')).paused, false);
  });

  it('have slots and a pause of their own: a flooded one does not touch another', async () => {
    const tasks = Array(200).fill({ event_type: 'slow', queue: 'bulk', payload: { ms: 50 } });
    assert.equal((await post(`${url}/api/tasks/batch`, { tasks })).status, 202);
    assert.equal((await runTask(url, { event_type: 'echo' })).status, 'completed');
    assert.equal((await runTask(url, { event_type: 'one', payload: { ms: 1 } })).queue, 'gpu');
    const { queues, tasks: sum } = await get('/api/queue');
    const waiting = queues.map(({ tasks }: { tasks: { waiting: number } }) => tasks.waiting);
    assert.deepEqual(waiting.slice(0, 2), [0, 0]);
    assert.ok(waiting[2] > 0 && sum.waiting > 0);
    assert.ok(Number(await sample(url, 'asdlc_queue_tasks', { queue: 'bulk', state: 'waiting' })) > 0);
    assert.equal(await sample(workers, 'asdlc_queue_tasks', { queue: 'gpu', state: 'waiting' }), 0);

    assert.equal((await post(`${url}/api/queue/pause?queue=bulk`, '')).status, 200);
    await until('what ran has ended', async () => (await get('/api/queue?queue=bulk')).tasks.active === 0);
    const { paused, queues: states } = await get('/api/queue');
    assert.deepEqual(
      [paused, states.map((state: { paused: boolean }) => state.paused)],
      [false, [false, false, true]],
    );
    assert.equal((await runTask(url, { event_type: 'echo' })).status, 'completed');
    const left = (await get('/api/queue?queue=bulk')).tasks.waiting;
    assert.ok(left > 0);
    const removed = await post(`${url}/api/tasks/bulk`, {
      action: 'remove',
      filter: { status: 'queued', queue: 'bulk' },
    });
    assert.equal(removed.body.done, left);
    await post(`${url}/api/queue/resume`, '');
  });

  it('share idempotency keys: one key makes one task, whichever queue it is sent to', async () => {
    const first = await submit({ event_type: 'echo', queue: 'gpu' }, 'shared');
    const again = await submit({ event_type: 'echo', queue: 'bulk' }, 'shared');
    assert.deepEqual([again.status, again.body.id, again.body.queue], [202, first.body.id, 'gpu']);
    const other = await submit({ event_type: 'slow', queue: 'bulk' }, 'shared');
    assert.deepEqual([other.status, other.body.code], [422, 'ASDLC_IDEMPOTENCY_KEY_REUSED']);
    const batch = {
      tasks: [
        { event_type: 'echo' },
        { event_type: 'echo', queue: 'gpu' },
        { event_type: 'one', payload: { ms: 1 } },
      ],
    };
    const sent = await post(`${url}/api/tasks/batch`, batch, { 'idempotency-key': 'many' });
    assert.deepEqual(
      sent.body.tasks.map(({ queue }: { queue: string }) => queue),
      ['tasks', 'gpu', 'gpu'],
    );
    const repeated = await post(`${url}/api/tasks/batch`, batch, { 'idempotency-key': 'many' });
    assert.deepEqual(
      repeated.body.tasks.map(({ id }: { id: string }) => id),
      sent.body.tasks.map(({ id }: { id: string }) => id),
    );
    for (const { id } of sent.body.tasks)
      assert.equal((await taskIn(url, id, ['completed'])).status, 'completed');
  });

  it('are listed together, page by page, each task once', async () => {
    const ids = new Set<string>();
    for (const queue of ['tasks', 'gpu', 'bulk'])
      for (let i = 0; i < 4; i++)
        ids.add((await submit({ event_type: 'echo', queue, delay_ms: 3_600_000 })).body.id);
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page = await get(`/api/tasks?status=delayed&limit=5${cursor && `&cursor=${cursor}`}`);
      seen.push(...page.tasks.map(({ id }: { id: string }) => id));
      cursor = page.next_cursor;
    }
    assert.deepEqual([seen.length, new Set(seen)], [12, ids]);
    const cancelled = await post(`${url}/api/tasks/bulk`, {
      action: 'cancel',
      filter: { status: 'delayed' },
    });
    assert.equal(cancelled.body.done, 12);
    const { groups } = await get('/api/errors');
    assert.equal(groups.find(({ error }: { error: string }) => error.startsWith('cancelled'))?.count, 12);
    assert.equal((await get('/api/errors?queue=gpu')).groups[0].count, 4);
  });

  it('show the queues of each worker, and pause an event type in all', async () => {
    const { workers: list } = await get('/api/workers');
    assert.deepEqual(
      [list[0].slots, list[0].queues],
      [
        4,
        [
          { queue: 'tasks', slots: 2 },
          { queue: 'gpu', slots: 1 },
          { queue: 'bulk', slots: 1 },
        ],
      ],
    );
    assert.equal((await get('/api/queue')).workers, 1);
    assert.deepEqual(
      (await request(`${workers}/stats`)).body.queues.map(({ slots }: { slots: number }) => slots),
      [2, 1, 1],
    );
    await post(`${url}/api/event-types/echo/pause`, '');
    const waiting = await Promise.all([
      submit({ event_type: 'echo' }),
      submit({ event_type: 'echo', queue: 'gpu' }),
    ]);
    await until('both are parked', async () => (await get('/api/queue')).paused_event_types[0]?.tasks === 2);
    await post(`${url}/api/event-types/echo/resume`, '');
    for (const { body } of waiting) await taskIn(url, body.id, ['completed']);
  });

  it('share the places of those who listen: a process has 100 streams, whichever queues they follow', async (t) => {
    const open = async (queue: string) => {
      const stream = await openEvents(`${url}/api/events?queue=${queue}`);
      t.after(() => stream.close());
      return stream.status;
    };
    const queues = ['tasks', 'gpu', 'bulk'];
    const opened = await Promise.all(Array.from({ length: 100 }, (_, i) => open(queues[i % 3] ?? '')));
    assert.deepEqual(new Set(opened), new Set([200]));
    assert.deepEqual(await Promise.all(queues.map(open)), [503, 503, 503]);
    assert.equal(await sample(url, 'asdlc_event_listeners', { kind: 'stream' }), 100);
  });

  it('cancel what runs, whichever queue it is in', async () => {
    const { body } = await submit({ event_type: 'slow', queue: 'gpu', payload: { ms: 60_000 } });
    await taskIn(url, body.id, ['active']);
    assert.equal((await get('/api/workers')).workers[0].active[0].queue, 'gpu');
    assert.equal((await post(`${url}/api/tasks/${body.id}/cancel`, '')).status, 202);
    assert.equal((await taskIn(url, body.id, ['dead'])).status, 'dead');
    assert.equal((await post(`${url}/api/tasks/${body.id}/retry`, '')).body.queue, 'gpu');
    await taskIn(url, body.id, ['active']);
    await post(`${url}/api/tasks/${body.id}/cancel`, '');
  });
});
