import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { post, request, runTask, sample } from '../support/http.ts';
import { type RunningServer, startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

describe('a wait for the end of a task', () => {
  const scope = suiteScope();
  let redis: RunningServer;
  let orchestrator: RunningServer;
  let url: string;

  before(async () => {
    redis = await startRedis(scope);
    const env = { REDIS_URL: redis.url, WORKER_POOL_SIZE: '4', TASK_RETRY_DELAY: '0.05' };
    orchestrator = await startOrchestrator(scope, env);
    await startWorkers(scope, env);
    url = orchestrator.url;
  });

  const submit = async (task: object): Promise<string> => (await post(`${url}/api/tasks`, task)).body.id;
  const waiting = (count: number) =>
    until(`${count} requests wait`, async () => {
      return (await sample(url, 'asdlc_event_listeners', { kind: 'wait' })) === count;
    });

  it('ends with the task, completed, dead or cancelled', async () => {
    const slow = await submit({ event_type: 'slow', payload: { ms: 300 } });
    const { status, body } = await request(`${url}/api/tasks/${slow}?wait=30`);
    assert.deepEqual([status, body.status], [200, 'completed']);
    const failing = await submit({ event_type: 'fail', max_attempts: 3 });
    assert.equal((await request(`${url}/api/tasks/${failing}?wait=30`)).body.status, 'dead');
    const delayed = await submit({ event_type: 'echo', delay_ms: 600_000 });
    const answer = request(`${url}/api/tasks/${delayed}?wait=30`);
    await waiting(1);
    await post(`${url}/api/tasks/${delayed}/cancel`, '');
    assert.equal((await answer).body.status, 'dead');
    const removed = await submit({ event_type: 'echo', delay_ms: 600_000 });
    const gone = request(`${url}/api/tasks/${removed}?wait=30`);
    await waiting(1);
    await request(`${url}/api/tasks/${removed}`, { method: 'DELETE' });
    assert.equal((await gone).status, 404);
  });

  it('shows the task as it is when the time is over, and refuses a wait that is none', async () => {
    const id = await submit({ event_type: 'echo', delay_ms: 600_000 });
    const { status, body } = await request(`${url}/api/tasks/${id}?wait=1`);
    assert.deepEqual([status, body.status], [200, 'delayed']);
    for (const wait of ['61', '-1', 'x', '1.5']) {
      const answer = await request(`${url}/api/tasks/${id}?wait=${wait}`);
      assert.equal(answer.status, 400);
      assert.match(answer.body.message, /wait: expected seconds .* from 0 to 60; got/);
    }
    assert.equal((await request(`${url}/api/tasks/nobody?wait=30`)).status, 404);
  });

  it('asks Redis for no task of those that wait, and has one blocking read for all', async () => {
    const id = await submit({ event_type: 'echo', delay_ms: 600_000 });
    const answers = Array.from({ length: 50 }, () => request(`${url}/api/tasks/${id}?wait=30`));
    await waiting(50);
    await post(`${url}/api/tasks/${id}/run`, '');
    for (const { body } of await Promise.all(answers)) assert.equal(body.status, 'completed');
    await waiting(0);
  });

  it('frees the place of a client that leaves', async () => {
    const id = await submit({ event_type: 'echo', delay_ms: 600_000 });
    const leaving = new AbortController();
    const answer = fetch(`${url}/api/tasks/${id}?wait=30`, { signal: leaving.signal });
    await waiting(1);
    leaving.abort();
    await assert.rejects(answer, { name: 'AbortError' });
    await waiting(0);
  });

  it('does not count as a slow request', async () => {
    const before = await sample(url, 'asdlc_http_request_duration_seconds_sum', {
      endpoint: '/api/tasks/:id',
      method: 'GET',
    });
    const id = await submit({ event_type: 'echo', delay_ms: 600_000 });
    await request(`${url}/api/tasks/${id}?wait=2`);
    const after = await sample(url, 'asdlc_http_request_duration_seconds_sum', {
      endpoint: '/api/tasks/:id',
      method: 'GET',
    });
    assert.ok(Number(after) - Number(before ?? 0) < 1, `expected under 1 s; got ${before} and ${after}`);
  });

  describe('with a submission (Prefer: wait)', () => {
    it('answers 200 with the ended task, else 202', async () => {
      const ended = await post(
        `${url}/api/tasks`,
        { event_type: 'echo', payload: { a: 1 } },
        { prefer: 'wait=30' },
      );
      assert.deepEqual([ended.status, ended.body.status, ended.body.payload], [200, 'completed', { a: 1 }]);
      assert.equal(ended.headers.get('preference-applied'), 'wait=30');
      assert.equal(ended.headers.get('location'), `/api/tasks/${ended.body.id}`);
      const late = { event_type: 'echo', delay_ms: 600_000 };
      const queued = await post(`${url}/api/tasks`, late, { prefer: 'respond-async, wait=1' });
      assert.deepEqual([queued.status, queued.headers.get('preference-applied')], [202, 'wait=1']);
      assert.deepEqual(Object.keys(queued.body), ['id', 'event_type', 'queue', 'status']);
    });

    it('ignores what it cannot understand', async () => {
      for (const prefer of ['wait=soon', 'wait', 'return=minimal', 'waiting=3']) {
        const { status, headers } = await post(`${url}/api/tasks`, { event_type: 'echo' }, { prefer });
        assert.deepEqual([status, headers.get('preference-applied')], [202, null], prefer);
      }
    });
  });

  it('ends with a 503 soon after Redis has gone, and works again when it is back', async () => {
    const id = await submit({ event_type: 'echo', delay_ms: 600_000 });
    const answer = request(`${url}/api/tasks/${id}?wait=60`);
    await waiting(1);
    await redis.stop('SIGKILL');
    const { status, body } = await answer;
    assert.deepEqual([status, body.code], [503, 'ASDLC_REDIS_UNAVAILABLE']);
    assert.equal((await request(`${url}/api/tasks/${id}?wait=60`)).status, 503);
    await startRedis(scope, redis.port);
    await until('the orchestrator is ready', async () => (await fetch(`${url}/health/ready`)).ok);
    const task = { event_type: 'slow', payload: { ms: 300 } };
    assert.equal((await post(`${url}/api/tasks`, task, { prefer: 'wait=30' })).status, 200);
  });

  it('ends with an answer when the orchestrator stops', async () => {
    const { id } = await runTask(url, { event_type: 'echo', delay_ms: 600_000 }, ['delayed']);
    const answer = request(`${url}/api/tasks/${id}?wait=60`);
    await waiting(1);
    assert.equal(await orchestrator.stop(), 0);
    const { status, body } = await answer;
    assert.deepEqual([status, body.status], [200, 'delayed']);
  });
});
