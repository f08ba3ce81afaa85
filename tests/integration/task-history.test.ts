import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Redis } from 'ioredis';
import type { TaskAttempt, TaskHistory, TaskLogLine } from '../../src/shared/http-contract/task-history.ts';
import { post, request, runTask, taskIn } from '../support/http.ts';
import { type RunningServer, startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { adminOf } from '../support/redis-servers.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

describe('what happened to a task', () => {
  const scope = suiteScope();
  const env = { TASK_RETRY_DELAY: '0.01', DRAIN_TIMEOUT: '0.1' };
  let redis: RunningServer;
  let admin: Redis;
  let url: string;
  let workers: RunningServer;
  let worker: string;

  before(async () => {
    redis = await startRedis(scope);
    admin = adminOf(scope, redis.url);
    url = (await startOrchestrator(scope, { REDIS_URL: redis.url, ...env })).url;
    workers = await startWorkers(scope, { REDIS_URL: redis.url, ...env });
    worker = (await runTask(url, { event_type: 'echo' })).worker;
  });

  const keyOf = (id: string) => `{asdlc}:tasks:${id}`;
  const historyOf = async (id: string): Promise<TaskHistory> =>
    (await request(`${url}/api/tasks/${id}/history`)).body;
  const linesOf = async (id: string): Promise<TaskLogLine[]> =>
    (await request(`${url}/api/tasks/${id}/logs`)).body.lines;
  /** What is the same in each run. */
  const facts = ({ number, outcome, error, worker }: TaskAttempt) => ({
    number,
    outcome,
    worker,
    message: error?.message,
  });

  it('has each attempt with its times, its worker and its error', async () => {
    const task = await runTask(url, { event_type: 'fail.once', max_attempts: 3 });
    const { attempts, changes } = await historyOf(task.id);
    assert.deepEqual(attempts.map(facts), [
      { number: 1, outcome: 'failed', worker, message: 'the first time' },
      { number: 2, outcome: 'completed', worker, message: undefined },
    ]);
    assert.deepEqual(changes, []);
    const [first, second] = attempts;
    assert.equal(first?.error?.name, 'Error');
    assert.match(first?.error?.stack ?? '', /the first time\n\s+at .*handlers\.ts/);
    assert.deepEqual([second?.started_at, second?.ended_at], [task.started_at, task.finished_at]);
    const times = [task.created_at, first?.started_at, first?.ended_at, second?.started_at, second?.ended_at];
    assert.deepEqual(times, [...times].sort());
  });

  it('has who retried it, and the attempts before that', async () => {
    const { id } = await runTask(url, { event_type: 'fail', max_attempts: 2 });
    const { status } = await post(`${url}/api/tasks/${id}/retry`, undefined);
    assert.equal(status, 202);
    await taskIn(url, id, ['dead']);
    const { attempts, changes } = await historyOf(id);
    const failed = (number: number) => ({ number, outcome: 'failed', worker, message: 'as asked' });
    assert.deepEqual(attempts.map(facts), [failed(1), failed(2), failed(1), failed(2)]);
    assert.deepEqual(
      changes.map(({ action, by }) => ({ action, by })),
      [{ action: 'task.retry', by: 'anonymous' }],
    );
    const [before, at, after] = [attempts[1]?.ended_at, changes[0]?.at, attempts[3]?.ended_at].map((time) =>
      Date.parse(time ?? ''),
    ) as [number, number, number];
    // Two busy processes know Redis's clock to some ten milliseconds.
    assert.ok(before < at + 100 && at < after + 100, `${before}, ${at}, ${after}`);
  });

  it('has who cancelled it and who made it due, one by one and with many', async () => {
    const told = async (id: string) =>
      (await historyOf(id)).changes.map(({ action, by }) => `${action} ${by}`);
    const submit = async () =>
      (await post(`${url}/api/tasks`, { event_type: 'slow', payload: { ms: 60_000 }, delay_ms: 600_000 }))
        .body.id;
    const change = (id: string, what: string) => post(`${url}/api/tasks/${id}/${what}`, undefined);
    const bulk = (action: string, ids: string[]) =>
      post(`${url}/api/tasks/bulk`, { action, filter: { ids } });

    const [one, other] = [await submit(), await submit()];
    const before = Date.now();
    await change(one, 'run');
    await bulk('run_now', [other]);
    await taskIn(url, one, ['active']);
    await taskIn(url, other, ['active']);
    await change(one, 'cancel');
    await change(one, 'cancel');
    await bulk('cancel', [other]);
    await taskIn(url, one, ['dead']);
    await taskIn(url, other, ['dead']);
    const expected = ['task.run anonymous', 'task.cancel anonymous'];
    assert.deepEqual([await told(one), await told(other)], [expected, expected]);
    const { changes } = await historyOf(one);
    for (const { at } of changes) assert.ok(Date.parse(at ?? '') >= before - 1_000, at ?? 'no time');

    const waiting = await submit();
    await change(waiting, 'cancel');
    await change(waiting, 'run');
    await change(waiting, 'cancel');
    assert.deepEqual(await told(waiting), ['task.cancel anonymous']);
  });

  it('tells a time limit from an error, and has an attempt that runs', async () => {
    const late = await runTask(url, { event_type: 'hang.limited', max_attempts: 1 });
    const [attempt] = (await historyOf(late.id)).attempts;
    assert.equal(attempt?.outcome, 'timed_out');
    assert.match(attempt?.error?.message ?? '', /did not end within 0\.5 s/);
    const { body } = await post(`${url}/api/tasks`, { event_type: 'slow', payload: { ms: 60_000 } });
    const { started_at } = await taskIn(url, body.id, ['active']);
    assert.deepEqual((await historyOf(body.id)).attempts, [
      { number: 1, started_at, ended_at: null, worker, outcome: 'active', progress: null, error: null },
    ]);
  });

  it('keeps the last 20 attempts, and one stack in the field of BullMQ', async () => {
    const { id } = await runTask(url, { event_type: 'fail', max_attempts: 1 });
    const earlier = Array.from({ length: 22 }, (_, i) => ({ number: i + 1, outcome: 'failed' }));
    await admin.hset(keyOf(id), 'asdlc:attempts', earlier.map((entry) => JSON.stringify(entry)).join('\n'));
    await post(`${url}/api/tasks/${id}/retry`, undefined);
    await taskIn(url, id, ['dead']);
    const { attempts } = await historyOf(id);
    const numbers = earlier.slice(-19).map(({ number }) => number);
    assert.deepEqual(
      attempts.map(({ number }) => number),
      [...numbers, 1],
    );
    assert.equal(JSON.parse((await admin.hget(keyOf(id), 'stacktrace')) ?? '').length, 1);
  });

  it('shows what an older worker stored of a dead task, and leaves out what cannot be read', async () => {
    const { id, started_at, finished_at } = await runTask(url, { event_type: 'fail', max_attempts: 1 });
    await admin.hdel(keyOf(id), 'asdlc:attempts');
    const [attempt] = (await historyOf(id)).attempts;
    assert.deepEqual(attempt && facts(attempt), {
      number: 1,
      outcome: 'failed',
      worker,
      message: 'as asked',
    });
    assert.deepEqual([attempt?.started_at, attempt?.ended_at], [started_at, finished_at]);
    assert.match(attempt?.error?.stack ?? '', /at .*handlers\.ts/);
    await admin.hset(keyOf(id), {
      'asdlc:attempts': '\n{\nnull\n[]\n{"outcome":"none"}\n{"outcome":"failed","error":1,"startedMs":"x"}',
      'asdlc:changes': '{"action":1}\n{"action":"task.retry","by":{},"atMs":1e99}',
    });
    const { attempts, changes } = await historyOf(id);
    assert.equal(attempts.length, 2);
    assert.deepEqual(changes, [{ action: 'task.retry', by: '', at: null }]);
  });

  for (const event_type of ['tell', 'tell.thread']) {
    it(`keeps the last 100 lines of a handler, and its progress: ${event_type}`, async () => {
      const { id, progress } = await runTask(url, { event_type, payload: { fails: 1 }, max_attempts: 2 });
      assert.deepEqual(progress, { attempt: 2, done: 1 });
      const { attempts } = await historyOf(id);
      assert.deepEqual(
        attempts.map(({ outcome, progress }) => [outcome, progress]),
        [
          ['failed', { attempt: 1, done: 0.5 }],
          ['completed', { attempt: 2, done: 1 }],
        ],
      );
      const lines = await linesOf(id);
      assert.deepEqual(
        lines.map(({ level, attempt, message, fields }) => [level, attempt, message, Object.keys(fields)]),
        [
          ['info', 1, 'line 1', ['i', 'long']],
          ['info', 2, 'line 1', ['i', 'long']],
          ['warn', 2, 'told', ['part']],
        ],
      );
      assert.equal(lines[0]?.fields.long, `"${'x'.repeat(199)}…`);
      const times = [attempts[0]?.started_at, lines[0]?.time, attempts[1]?.started_at, lines[1]?.time];
      for (const [i, time] of times.entries()) {
        const before = Date.parse(times[i - 1] ?? '') || 0;
        assert.ok(Date.parse(time ?? '') >= before - 100, `${i}: ${times}`); // see above: two processes
      }

      const many = await runTask(url, { event_type, payload: { lines: 250 } });
      const last = (await linesOf(many.id)).map(({ message }) => message);
      assert.deepEqual(last, [...Array.from({ length: 99 }, (_, i) => `line ${i + 152}`), 'told']);
    });

    it(`shows them while it runs, and forgets the progress of a failed attempt: ${event_type}`, async () => {
      const payload = { ms: 60_000, lines: 2 };
      const { body } = await post(`${url}/api/tasks`, { event_type, payload });
      const running = await until('its progress is shown', async () => {
        const task = await taskIn(url, body.id, ['active']);
        return task.progress !== null && task;
      });
      assert.deepEqual(running.progress, { attempt: 1, done: 0.5 });
      assert.deepEqual(
        (await linesOf(body.id)).map(({ message }) => message),
        ['line 1', 'line 2'],
      );
      const failed = await runTask(url, { event_type, payload: { fails: 1 }, max_attempts: 1 });
      assert.equal(failed.progress, null);
    });
  }

  it('fails an attempt that reports what is no JSON', async () => {
    const { error } = await runTask(url, { event_type: 'tell.wrong', max_attempts: 1 });
    assert.deepEqual(error, { message: 'TypeError: progress: expected JSON; got function' });
  });

  it('keeps the lines of a handler that goes on after its time limit, but not its progress', async () => {
    const { id } = await runTask(url, { event_type: 'tell.late', max_attempts: 1 });
    await until('the line is kept', async () =>
      (await linesOf(id)).some(({ message }) => message === 'late'),
    );
    assert.equal((await request(`${url}/api/tasks/${id}`)).body.progress, null);
    assert.equal((await historyOf(id)).attempts[0]?.progress, 1);
  });

  it('shows lines that other programs logged, and removes all with the task', async () => {
    const { id } = await runTask(url, { event_type: 'tell', payload: {} });
    const logs = `${keyOf(id)}:logs`;
    const [first = '', ...others] = await admin.lrange(logs, 0, -1);
    await admin.rpush(logs, first, ...others, 'done', 'null', `{"message":1${'x'.repeat(2_000)}`);
    const lines = await linesOf(id);
    assert.deepEqual(
      lines.map(({ level, message }) => [level, message.length]),
      [
        ['info', 6],
        ['warn', 4],
        [null, 4],
        [null, 4],
        [null, 1_000],
      ],
    );
    await request(`${url}/api/tasks/${id}`, { method: 'DELETE' });
    assert.deepEqual(await admin.keys(`*${id}*`), []);
    assert.equal((await request(`${url}/api/tasks/${id}/logs`)).status, 404);
  });

  it('answers 404 for what is no task', async () => {
    for (const id of ['none', 'active', 'a:b']) {
      const { status, body } = await request(`${url}/api/tasks/${id}/history`);
      assert.deepEqual([status, body.code], [404, 'ASDLC_NOT_FOUND'], id);
    }
  });

  it('has an attempt that a stopping worker put back, and one whose worker vanished', async () => {
    const { body } = await post(`${url}/api/tasks`, { event_type: 'slow', payload: { ms: 60_000 } });
    await taskIn(url, body.id, ['active']);
    await workers.stop('SIGTERM');
    const second = await startWorkers(scope, { REDIS_URL: redis.url, ...env });
    const taken = await until('another worker has it', async () => {
      const task = await taskIn(url, body.id, ['active']);
      return task.worker !== worker && task;
    });
    await second.stop('SIGKILL');
    await startWorkers(scope, { REDIS_URL: redis.url, ...env });
    const { attempts } = await until(
      'a third worker has it',
      async () => {
        const history = await historyOf(body.id);
        return history.attempts.length === 3 && history;
      },
      30_000,
    );
    assert.deepEqual(
      attempts.map(({ number, outcome }) => [number, outcome]),
      [
        [1, 'put_back'],
        [1, 'stalled'],
        [1, 'active'],
      ],
    );
    assert.deepEqual([attempts[0]?.worker, attempts[1]?.worker], [worker, taken.worker]);
    assert.ok((attempts[1]?.ended_at ?? '') > (attempts[1]?.started_at ?? ''));
  });
});
