import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { post, request, runTask, taskIn } from '../support/http.ts';
import { type RunningServer, startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';

describe('tasks over HTTP', () => {
  const scope = suiteScope();
  let url: string;
  let orchestrator: RunningServer;

  before(async () => {
    const redis = await startRedis(scope);
    const env = { REDIS_URL: redis.url, TASK_RETRY_DELAY: '0.05', HANDLER_TIMEOUT: '1' };
    orchestrator = await startOrchestrator(scope, env);
    await startWorkers(scope, env);
    url = orchestrator.url;
  });

  it('accepts a task, runs it and shows its result', async () => {
    const { status, headers, body } = await post(`${url}/api/tasks`, {
      event_type: 'echo',
      payload: { a: [1] },
    });
    assert.equal(status, 202);
    assert.equal(headers.get('location'), `/api/tasks/${body.id}`);
    assert.deepEqual(Object.keys(body), ['id', 'event_type', 'queue', 'status']);
    const task = await taskIn(url, body.id, ['completed']);
    assert.deepEqual(task.result, { payload: { a: [1] }, attempt: 1, eventType: 'echo' });
    assert.deepEqual([task.attempts, task.max_attempts, task.error], [1, 3, null]);
    assert.ok(task.created_at <= task.started_at && task.started_at <= task.finished_at);
  });

  it('leaves out payload and result when it is asked to be brief', async () => {
    const { id } = await runTask(url, { event_type: 'echo', payload: 'x'.repeat(700_000) });
    const at = (query: string) => request(`${url}/api/tasks/${id}?${query}`);
    const { payload, result, ...others } = (await at('brief=false')).body;
    assert.equal(payload.length, 700_000);
    assert.equal(result.payload, payload);
    assert.deepEqual((await at('brief=true')).body, others);
    const { status, body } = await at('brief=yes');
    assert.deepEqual(
      [status, body.message],
      [400, 'querystring.brief: expected true (without payload and result) or false; got "yes"'],
    );
  });

  it('returns the same task for the same Idempotency-Key', async () => {
    const send = (payload: unknown) =>
      post(`${url}/api/tasks`, { event_type: 'echo', payload }, { 'idempotency-key': 'order 17' });
    const [first, ...others] = await Promise.all(Array.from({ length: 10 }, () => send(1)));
    for (const other of others) assert.equal(other.body.id, first?.body.id);
    await taskIn(url, first?.body.id, ['completed']);
    assert.equal((await send(1)).body.status, 'completed');
    const reused = await send(2);
    assert.deepEqual([reused.status, reused.body.code], [422, 'ASDLC_IDEMPOTENCY_KEY_REUSED']);
  });

  it('accepts one of many different tasks sent at once under one key', async () => {
    const send = (payload: number) =>
      post(`${url}/api/tasks`, { event_type: 'echo', payload }, { 'idempotency-key': 'race' });
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => send(i)));
    const accepted = answers.filter(({ status }) => status === 202);
    assert.equal(accepted.length, 1);
    assert.ok(answers.every(({ status }) => status === 202 || status === 422));
  });

  it('carries out one of several concurrent retries and removals, and refuses the others', async () => {
    const { id } = await runTask(url, { event_type: 'fail.for-good' });
    const retries = Array.from({ length: 10 }, () => post(`${url}/api/tasks/${id}/retry`, {}));
    const removals = Array.from({ length: 5 }, () => request(`${url}/api/tasks/${id}`, { method: 'DELETE' }));
    for (const { status, body } of await Promise.all([...retries, ...removals])) {
      assert.ok([202, 204, 404, 409].includes(status), `${status} ${JSON.stringify(body)}`);
    }
  });

  it('accepts an empty body of any content type on routes without a body', async () => {
    const { id } = await runTask(url, { event_type: 'fail.for-good' });
    assert.equal((await post(`${url}/api/tasks/${id}/retry`, '')).status, 202);
    await taskIn(url, id, ['dead']);
    const headers = { 'content-type': 'application/json' };
    assert.equal((await request(`${url}/api/tasks/${id}`, { method: 'DELETE', headers })).status, 204);
    assert.equal((await post(`${url}/api/tasks`, '')).status, 400);
  });

  it('accepts a batch of 1,000 and returns the tasks in order', async () => {
    const tasks = Array.from({ length: 1_000 }, (_, i) => ({ event_type: 'echo', payload: i }));
    const { status, body } = await post(`${url}/api/tasks/batch`, { tasks });
    assert.deepEqual([status, body.tasks.length], [202, 1_000]);
    const last = await taskIn(url, body.tasks[999].id, ['completed']);
    assert.equal(last.result.payload, 999);
    assert.equal((await post(`${url}/api/tasks/batch`, { tasks: [...tasks, tasks[0]] })).status, 400);
  });

  it('retries with backoff, and shows the error of a dead task', async () => {
    const once = await runTask(url, { event_type: 'fail.once' });
    assert.deepEqual([once.status, once.attempts, once.result], ['completed', 2, { attempt: 2 }]);
    const dead = await runTask(url, { event_type: 'fail', max_attempts: 2 });
    assert.deepEqual([dead.status, dead.attempts, dead.error.message], ['dead', 2, 'as asked']);
  });

  it('gives up at once after an error that is not retryable', async () => {
    assert.deepEqual((await runTask(url, { event_type: 'fail.for-good' })).attempts, 1);
  });

  it('shows an error for a handler that rejects with undefined', async () => {
    const task = await runTask(url, { event_type: 'fail.undefined', max_attempts: 1 });
    assert.equal(task.error.message, 'The handler threw undefined.');
  });

  it('ends an attempt at the time limit, whether its handler heeds the signal or not', async () => {
    for (const event_type of ['hang', 'slow']) {
      const task = await runTask(url, { event_type, payload: { ms: 60_000 }, max_attempts: 1 });
      assert.equal(task.error.message, 'The handler did not end within 1 s.');
    }
  });

  it('retries a dead task, and no other', async () => {
    const { id } = await runTask(url, { event_type: 'fail', max_attempts: 2 }, ['dead']);
    const retried = await post(`${url}/api/tasks/${id}/retry`, {});
    assert.deepEqual([retried.status, retried.body.status], [202, 'queued']);
    assert.equal((await taskIn(url, id, ['dead'])).attempts, 2);
    const completed = await runTask(url, { event_type: 'echo' });
    assert.equal((await post(`${url}/api/tasks/${completed.id}/retry`, {})).status, 409);
  });

  it('removes a delayed task, and refuses to remove an active one', async () => {
    const delayed = await post(`${url}/api/tasks`, { event_type: 'echo', delay_ms: 60_000 });
    assert.equal(delayed.body.status, 'delayed');
    const detail = await request(`${url}/api/tasks/${delayed.body.id}`);
    assert.equal(Date.parse(detail.body.scheduled_at) - Date.parse(detail.body.created_at), 60_000);
    assert.equal((await request(`${url}/api/tasks/${delayed.body.id}`, { method: 'DELETE' })).status, 204);
    assert.equal((await request(`${url}/api/tasks/${delayed.body.id}`)).status, 404);
    const { id } = await runTask(url, { event_type: 'slow', payload: { ms: 800 } }, ['active']);
    const refused = await request(`${url}/api/tasks/${id}`, { method: 'DELETE' });
    assert.deepEqual([refused.status, refused.body.code], [409, 'ASDLC_CONFLICT']);
  });

  it('pages through a listing by cursor, with filters', async () => {
    const ids = new Set<string>();
    for (let i = 0; i < 7; i++) ids.add((await runTask(url, { event_type: 'fail.for-good' })).id);
    const seen = new Set<string>();
    let cursor: string | null = '';
    do {
      const page: { body: { tasks: { id: string; event_type: string }[]; next_cursor: string | null } } =
        await request(
          `${url}/api/tasks?status=dead&event_type=fail.for-good&limit=3${cursor && `&cursor=${cursor}`}`,
        );
      assert.ok(page.body.tasks.length <= 3);
      for (const task of page.body.tasks) {
        assert.equal(task.event_type, 'fail.for-good');
        assert.ok(!seen.has(task.id));
        seen.add(task.id);
      }
      cursor = page.body.next_cursor;
    } while (cursor !== null);
    assert.ok(ids.isSubsetOf(seen));
  });

  it('answers wrong input with what it expected and what it got', async () => {
    const tasks = `${url}/api/tasks`;
    const cases: [Promise<{ status: number; body: { code: string; message: string } }>, number, RegExp][] = [
      [post(tasks, {}), 400, /body: expected the field "event_type"; got none/],
      [post(tasks, 'null'), 400, /got null/],
      [post(tasks, '{"event_type":'), 400, /body: expected JSON; got a text that is not/],
      [post(tasks, { event_type: 'Echo' }), 400, /expected a lower-case letter.*got "Echo"/],
      [post(tasks, { event_type: 'echo', delay_ms: '5' }), 400, /delay_ms: expected milliseconds.*got "5"/],
      [post(tasks, { event_type: 'echo', urgent: true }), 400, /unexpected field "urgent"/],
      [post(tasks, `{"event_type":"echo","payload":${'['.repeat(33)}${']'.repeat(33)}}`), 400, /32 levels/],
      [post(tasks, { event_type: 'echo', payload: 'x'.repeat(1_100_000) }), 413, /./],
      [post(tasks, 'a=1', { 'content-type': 'text/plain' }), 415, /expected application\/json/],
      [request(`${tasks}?limit=0`), 400, /limit: expected a whole number from 1 to 200; got 0/],
      [request(`${tasks}?cursor=nonsense`), 400, /cursor/],
      [request(`${tasks}?status=lost`), 400, /one of queued, delayed/],
      [post(tasks, `{"event_type":${'['.repeat(50_000)}${']'.repeat(50_000)}}`), 400, /at most 32 levels/],
      [request(`${tasks}/%zz`), 400, /./],
      [request(`${tasks}/meta`), 404, /No task "meta"/],
      [request(`${tasks}/completed`), 404, /./],
      [request(`${tasks}/none`), 404, /No task "none"/],
      [request(`${url}/nowhere`), 404, /No route GET \/nowhere/],
      [request(`${url}/${'x'.repeat(20_000)}`), 431, /16 KiB/],
    ];
    for (const [answer, status, message] of cases) {
      const { status: given, body } = await answer;
      assert.equal(given, status, JSON.stringify(body));
      assert.deepEqual(Object.keys(body), ['code', 'message']);
      assert.match(body.code, /^ASDLC_[A-Z_]+$/);
      assert.match(body.message, message);
    }
    assert.equal(orchestrator.output().includes('"level":50'), false);
  });

  it('describes every route in its OpenAPI document', async () => {
    const { body } = await request(`${url}/openapi.json`);
    const alias = '/api/metrics/prom/api/v1/';
    const own = Object.keys(body.paths).filter((path) => !path.startsWith('/api/metrics/prom/'));
    const queries = [
      'label/{name}/values',
      'labels',
      'metadata',
      'query',
      'query_exemplars',
      'query_range',
      'series',
    ];
    assert.deepEqual(own.sort(), [
      '/api/access',
      '/api/errors',
      '/api/event-types',
      '/api/event-types/{event_type}/pause',
      '/api/event-types/{event_type}/resume',
      '/api/events',
      ...['health', 'panels', 'panels/{name}', 'services', ...queries]
        .sort()
        .map((path) => `/api/metrics/${path}`),
      '/api/queue',
      '/api/queue/pause',
      '/api/queue/resume',
      '/api/schedules',
      '/api/schedules/{id}',
      '/api/schedules/{id}/pause',
      '/api/schedules/{id}/resume',
      '/api/schedules/{id}/run',
      '/api/tasks',
      '/api/tasks/batch',
      '/api/tasks/bulk',
      '/api/tasks/{id}',
      '/api/tasks/{id}/cancel',
      '/api/tasks/{id}/history',
      '/api/tasks/{id}/logs',
      '/api/tasks/{id}/retry',
      '/api/tasks/{id}/run',
      '/api/workers',
      '/health',
      '/health/live',
      '/health/ready',
      '/metrics',
    ]);
    for (const query of queries) assert.ok(body.paths[alias + query], query);
    for (const status of ['202', '400', '413', '503'])
      assert.ok(body.paths['/api/tasks/batch'].post.responses[status]);
    assert.ok(
      body.paths['/api/metrics/query_range'].get.parameters.some((p: { name: string }) => p.name === 'step'),
    );
    assert.equal((await request(`${url}/docs`)).status, 200);
  });
});
