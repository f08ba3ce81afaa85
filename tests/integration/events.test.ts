import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { post, request, runTask, sample, sum, taskIn } from '../support/http.ts';
import { type RunningServer, startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { adminOf } from '../support/redis-servers.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('tasks from submission to end', () => {
  const scope = suiteScope();
  let redis: RunningServer;
  let url: string;
  let workers: RunningServer;
  const enqueued = (event_type: string, result: string) =>
    sample(url, 'asdlc_events_enqueued_total', { event_type, result });

  before(async () => {
    redis = await startRedis(scope);
    const env = {
      REDIS_URL: redis.url,
      TASK_RETRY_DELAY: '0.05',
      HANDLER_TIMEOUT: '30',
      UNKNOWN_TYPE_GRACE: '0.2',
    };
    url = (await startOrchestrator(scope, env)).url;
    workers = await startWorkers(scope, { ...env, LOG_LEVEL: 'debug' });
  });

  it('counts submissions by result, and event types without a handler as unknown', async () => {
    const headers = { 'idempotency-key': 'twice' };
    for (let i = 0; i < 2; i++) await post(`${url}/api/tasks`, { event_type: 'echo' }, headers);
    await post(`${url}/api/tasks`, { event_type: 'echo', payload: 'another' }, headers);
    await post(`${url}/api/tasks`, { event_type: 'echo', priority: -1 });
    await post(`${url}/api/tasks`, { event_type: 'invented' });
    await post(`${url}/api/tasks`, '{');
    await post(`${url}/api/tasks/batch`, { tasks: [{ event_type: 'echo' }, { event_type: 'trace' }] });
    assert.equal(await enqueued('echo', 'accepted'), 2);
    assert.equal(await enqueued('echo', 'duplicate'), 1);
    assert.equal(await enqueued('echo', 'rejected'), 2);
    assert.equal(await enqueued('trace', 'accepted'), 1);
    assert.equal(await enqueued('unknown', 'accepted'), 1);
    assert.equal(await enqueued('unknown', 'rejected'), 1);
  });

  it('counts retries and dead tasks by reason, and measures how long tasks wait and handlers run', async () => {
    await runTask(url, { event_type: 'fail', max_attempts: 3 });
    await runTask(url, { event_type: 'fail.for-good' });
    await runTask(url, { event_type: 'burn.limited', payload: { ms: 60_000 }, max_attempts: 1 });
    const at = (name: string, labels: Record<string, string>) => sample(workers.url, name, labels);
    assert.equal(await at('asdlc_event_retries_total', { event_type: 'fail', reason: 'error' }), 2);
    assert.equal(await at('asdlc_events_dead_total', { event_type: 'fail', reason: 'error' }), 1);
    assert.equal(
      await at('asdlc_events_dead_total', { event_type: 'fail.for-good', reason: 'not_retryable' }),
      1,
    );
    assert.equal(await at('asdlc_events_dead_total', { event_type: 'burn.limited', reason: 'timeout' }), 1);
    assert.equal(await at('asdlc_event_duration_seconds_count', { event_type: 'fail', status: 'failed' }), 3);
    assert.equal(await at('asdlc_event_wait_seconds_count', { event_type: 'fail' }), 1);
    const delayed = { event_type: 'slow', payload: { ms: 1 }, delay_ms: 500 };
    const { created_at, started_at } = await runTask(url, delayed);
    const waited = Number(await at('asdlc_event_wait_seconds_sum', { event_type: 'slow' }));
    const sinceSubmission = (Date.parse(started_at) - Date.parse(created_at)) / 1000;
    assert.ok(waited < sinceSubmission - 0.4, `waited ${waited} s of ${sinceSubmission} s`);
  });

  it('shows how many tasks wait, are delayed, are dead and are completed, and how long the oldest waits', async () => {
    assert.equal((await post(`${url}/api/queue/pause`, {})).body.paused, true);
    const low = { event_type: 'echo', priority: 5 };
    const { body } = await post(`${url}/api/tasks/batch`, { tasks: [{ event_type: 'echo' }, low] });
    await post(`${url}/api/tasks`, { event_type: 'echo', delay_ms: 3_600_000 });
    await until('the oldest task has waited for 1 s', async () => {
      return Number(await sample(url, 'asdlc_queue_oldest_age_seconds', { queue: 'tasks' })) > 1;
    });
    for (const server of [url, workers.url]) {
      assert.equal(await sample(server, 'asdlc_queue_tasks', { state: 'waiting' }), 2);
      assert.equal(await sample(server, 'asdlc_queue_tasks', { state: 'delayed' }), 1);
      for (const state of ['dead', 'completed'])
        assert.ok(Number(await sample(server, 'asdlc_queue_tasks', { state })) > 0, state);
    }
    const queue = (await request(`${url}/api/queue`)).body;
    assert.deepEqual([queue.paused, queue.tasks.waiting, queue.tasks.active], [true, 2, 0]);
    assert.ok(queue.tasks.completed > 0);
    assert.equal((await request(`${url}/api/tasks/${body.tasks[0].id}`)).body.status, 'queued');
    await post(`${url}/api/queue/resume`, {});
    for (const { id } of body.tasks) await taskIn(url, id, ['completed']);
    await until(
      'no task waits',
      async () => (await sample(url, 'asdlc_queue_oldest_age_seconds', { queue: 'tasks' })) === 0,
    );
  });

  it('runs tasks in the order of their priorities', async () => {
    await post(`${url}/api/queue/pause`, {});
    const priorities = [9, 1, 5, 0];
    const tasks = priorities.map((priority) => ({ event_type: 'one', payload: { ms: 20 }, priority }));
    const { body } = await post(`${url}/api/tasks/batch`, { tasks });
    await post(`${url}/api/queue/resume`, {});
    const done = await Promise.all(
      body.tasks.map(({ id }: { id: string }) => taskIn(url, id, ['completed'])),
    );
    const order = done
      .toSorted((a, b) => a.started_at.localeCompare(b.started_at))
      .map((task) => task.priority);
    assert.deepEqual(order, [0, 1, 5, 9]);
  });

  it('applies the concurrency and the rate of an event type', async () => {
    const ones = Array.from({ length: 4 }, () => ({ event_type: 'one', payload: { ms: 200 } }));
    const { body } = await post(`${url}/api/tasks/batch`, { tasks: ones });
    let most = 0;
    await until('all tasks are completed', async () => {
      most = Math.max(most, (await request(`${workers.url}/stats`)).body.active_workers);
      const states = await Promise.all(
        body.tasks.map(
          async ({ id }: { id: string }) => (await request(`${url}/api/tasks/${id}`)).body.status,
        ),
      );
      return states.every((state) => state === 'completed');
    });
    assert.equal(most, 1);
    const rated = await post(`${url}/api/tasks/batch`, {
      tasks: Array.from({ length: 5 }, () => ({ event_type: 'rated' })),
    });
    const results = await Promise.all(
      rated.body.tasks.map(({ id }: { id: string }) => taskIn(url, id, ['completed'])),
    );
    const starts = results.map((task) => task.result).toSorted((a, b) => a - b);
    assert.ok(
      starts[2] - starts[0] > 500 && starts[4] - starts[0] > 1_500,
      String(starts.map((at) => at - starts[0])),
    );
  });

  it('serves requests while a handler blocks its thread', async () => {
    const { body } = await post(`${url}/api/tasks`, { event_type: 'burn.thread', payload: { ms: 1_500 } });
    await taskIn(url, body.id, ['active']);
    for (let i = 0; i < 5; i++) {
      assert.equal((await request(`${workers.url}/health/ready`)).status, 200);
      assert.equal(await sample(workers.url, 'asdlc_active_workers'), 1); // so it answers before the handler ends
    }
    assert.equal((await taskIn(url, body.id, ['completed'])).result, 'burnt');
    const failed = await runTask(url, { event_type: 'fail.thread' });
    assert.deepEqual([failed.status, failed.attempts, failed.error.message], ['dead', 1, 'in a thread']);
  });

  it('is not ready for 5 s after a block of its event loop', async () => {
    await runTask(url, { event_type: 'burn', payload: { ms: 1_500 } });
    const { status, body } = await request(`${workers.url}/health/ready`);
    assert.deepEqual([status, body.checks.event_loop.status], [503, 'down']);
    const blockedMs = /blocked for (\d+) ms/.exec(body.checks.event_loop.error)?.[1];
    assert.ok(Number(blockedMs) >= 1_400, body.checks.event_loop.error);
    assert.equal((await request(`${workers.url}/health/live`)).status, 200);
    await until(
      'it is ready again',
      async () => (await request(`${workers.url}/health/ready`)).status === 200,
    );
  });

  it('validates tasks that did not come through the orchestrator', async (t) => {
    const connection = new Redis(redis.url);
    const queue = new Queue<unknown>('tasks', { connection, prefix: '{asdlc}' });
    t.after(async () => {
      await queue.close();
      connection.disconnect();
    });
    const deep = JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`);
    const { id = '' } = await queue.add('echo', { payload: deep }, { jobId: 'smuggled' });
    const task = await taskIn(url, id, ['dead']);
    assert.match(task.error.message, /at most 32 levels/);
    await queue.add('echo', { payload: 'x'.repeat(1_100_000) }, { jobId: 'large' });
    assert.match((await taskIn(url, 'large', ['dead'])).error.message, /at most 1048576 bytes; got 1100002/);
    const dead = (reason: string) => sum(workers.url, 'asdlc_events_dead_total', { reason });
    assert.equal(await dead('invalid_payload'), 2);
    const unknown = await dead('unknown_type');
    await queue.add('nobody.handles', null, { jobId: 'null' });
    await taskIn(url, 'null', ['dead']);
    assert.equal(await dead('unknown_type'), unknown + 1);
    assert.equal((await request(`${url}/api/tasks?status=dead`)).status, 200);
    await queue.add('echo', null, { jobId: 'nothing' });
    assert.equal((await taskIn(url, 'nothing', ['completed'])).payload, null);
  });

  it('carries a trace from the request to handler, log, task and exemplar', async () => {
    const { body } = await post(`${url}/api/tasks`, { event_type: 'trace' }, { traceparent: TRACEPARENT });
    const task = await taskIn(url, body.id, ['completed']);
    assert.deepEqual([task.result, task.traceparent], [TRACEPARENT, TRACEPARENT]);
    for (const line of ['traced', 'task completed']) {
      const pattern = new RegExp(`"trace_id":"0af7651916cd43dd8448eb211c80319c".*"msg":"${line}"`);
      await until(`the log has "${line}" with its trace`, () => pattern.test(workers.output()));
    }
    const accept = 'application/openmetrics-text; version=1.0.0';
    const exposition = (await request(`${workers.url}/metrics`, { headers: { accept } })).body;
    for (const name of ['event_wait', 'event_duration']) {
      const line = `asdlc_${name}_seconds_bucket.*event_type="trace".* # \\{trace_id="0af7651916cd43dd8448eb211c80319c"`;
      assert.match(exposition, new RegExp(line));
    }
    const ofRequests = (await request(`${url}/metrics`, { headers: { accept } })).body;
    assert.match(
      ofRequests,
      /asdlc_http_request_duration_seconds_bucket.*endpoint="\/api\/tasks".* # \{trace_id="0af7651916cd43dd8448eb211c80319c"/,
    );
    const ignored = await post(`${url}/api/tasks`, { event_type: 'trace' }, { traceparent: '00-0-0-0' });
    assert.equal((await taskIn(url, ignored.body.id, ['completed'])).traceparent, null);
  });

  it('accepts a traceparent of a later version, and passes the tracestate to the handler', async () => {
    const send = async (version: string, tracestate: string) => {
      const traceparent = `${version}${TRACEPARENT.slice(2)}${version === '00' ? '' : '-more'}`;
      const { body } = await post(
        `${url}/api/tasks`,
        { event_type: 'trace.state' },
        { traceparent, tracestate },
      );
      return (await taskIn(url, body.id, ['completed'])).result;
    };
    assert.deepEqual(await send('00', 'a=1,b=2'), [TRACEPARENT, 'a=1,b=2']);
    assert.deepEqual(await send('cc', 'a=1'), [TRACEPARENT, 'a=1']);
    assert.deepEqual(await send('ff', 'a=1'), [null, null]);
    assert.deepEqual(await send('00', `a=${'1'.repeat(511)}`), [TRACEPARENT, null]);
  });

  it('shows when the workers last fetched, even while the queue is empty', async () => {
    const now = () => Date.now() / 1000;
    const startOfWorkers = now() - Number((await request(`${workers.url}/health`)).body.uptime_seconds);
    const fetched = () => sample(workers.url, 'asdlc_worker_last_fetch_timestamp_seconds');
    const first = Number(await fetched());
    assert.ok(first > startOfWorkers - 1 && first < now() + 1, `${first} after ${startOfWorkers}`);
    await until('it asked again', async () => Number(await fetched()) > first);
  });

  it('shows when the workers last fetched while short tasks keep all slots busy', async () => {
    const only = await startWorkers(scope, {
      REDIS_URL: redis.url,
      QUEUE_PREFIX: '{busy}',
      WORKER_POOL_SIZE: '1',
    });
    const connection = adminOf(scope, redis.url);
    const queue = new Queue('tasks', { connection, prefix: '{busy}' });
    const job = { name: 'slow', data: { payload: { ms: 30 } } };
    await queue.addBulk(Array.from({ length: 500 }, () => job));
    const fetched = () => sample(only.url, 'asdlc_worker_last_fetch_timestamp_seconds');
    let last = 0;
    for (let i = 0; i < 3; i++) {
      last = await until('it fetched again', async () => {
        const at = Number(await fetched());
        return at > last && at;
      });
    }
    assert.ok((await queue.getWaitingCount()) > 0);
  });
});
