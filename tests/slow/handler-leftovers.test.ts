import assert from 'node:assert/strict';
import { afterEach, before, describe, it } from 'node:test';
import { Queue } from 'bullmq';
import { MAX_THREADS } from '../../src/workers/attempts/handler-threads.ts';
import { post, runTask, sample, taskIn } from '../support/http.ts';
import {
  hasEnded,
  type RunningServer,
  startOrchestrator,
  startRedis,
  startWorkers,
} from '../support/processes.ts';
import { createRunLog, type RunLog } from '../support/run-log.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

describe('what handlers leave behind', () => {
  const scope = suiteScope();
  let env: NodeJS.ProcessEnv;
  let redis: RunningServer;
  let url: string;
  let workers: RunningServer;
  let runs: RunLog;

  before(async () => {
    runs = await createRunLog(scope, 'throwing-handlers.ts');
    redis = await startRedis(scope);
    env = { REDIS_URL: redis.url, TASK_RETRY_DELAY: '0.01', WORKER_POOL_SIZE: '20', ...runs.env };
    url = (await startOrchestrator(scope, env)).url;
    workers = await startWorkers(scope, env);
  });

  afterEach(() => assert.equal(workers.child.exitCode, null, workers.output()));

  /** The ids of a batch. */
  async function submit(tasks: readonly object[]): Promise<string[]> {
    const { body } = await post(`${url}/api/tasks/batch`, { tasks });
    return body.tasks.map(({ id }: { id: string }) => id);
  }

  const linesOf = (id: string, { output } = workers) =>
    output()
      .split('\n')
      .filter((line) => line.includes(`"task_id":"${id}"`))
      .map((line) => JSON.parse(line));

  const strayErrors = (event_type: string) =>
    sample(workers.url, 'asdlc_handler_stray_errors_total', { event_type });

  for (const eventType of ['floating', 'timer', 'floating.thread', 'timer.thread']) {
    it(`are logged and counted by ${eventType}, and neither ends the process nor a task beside it`, async () => {
      const innocent = eventType.endsWith('.thread') ? 'innocent.thread' : 'innocent';
      const beside = await submit(
        Array.from({ length: 3 }, () => ({ event_type: innocent, payload: 500, max_attempts: 1 })),
      );
      const guilty = await submit(
        Array.from({ length: 14 }, () => ({ event_type: eventType, max_attempts: 1 })),
      );
      for (const id of [...beside, ...guilty]) {
        assert.equal((await taskIn(url, id, ['completed', 'dead'])).status, 'completed');
      }
      // A thread stands still between tasks: what is left there goes on beside the next one.
      await submit(Array.from({ length: 4 * MAX_THREADS }, () => ({ event_type: innocent, payload: 100 })));
      await until('each guilty task is logged', () => guilty.every((id) => linesOf(id).length > 0));
      for (const id of guilty) {
        const [{ event_type, error, msg }, ...more] = linesOf(id);
        assert.deepEqual([event_type, more], [eventType, []]);
        assert.match(error.message, /^left behind: /);
        assert.match(msg, /came after its attempt/);
      }
      for (const id of beside) assert.deepEqual(linesOf(id), []);
      assert.equal(await strayErrors(eventType), 14);
    });
  }

  it('are logged for the task whose signal listener throws, not for the one that set the timer', async () => {
    const ids = await submit([1, 2, 3].map(() => ({ event_type: 'late.abort', max_attempts: 1 })));
    for (const id of ids) {
      const { error } = await taskIn(url, id, ['dead']);
      assert.match(error.message, /did not end within 0.2 s/);
      await until('the error of its listener is logged', () => linesOf(id).length === 2);
      assert.ok(linesOf(id).some((line) => line.error.message === 'left behind: listener'));
    }
  });

  it('are logged five times at most for each task, and always counted', async () => {
    const { id } = await runTask(url, { event_type: 'interval' });
    await until('all are counted', async () => (await strayErrors('interval')) === 50);
    assert.equal(linesOf(id).length, 5);
  });

  it('fail the attempt by process.exit in a thread, and no other', async () => {
    for (const eventType of ['exit.thread', 'exit.later.thread']) {
      const { error } = await runTask(url, { event_type: eventType, max_attempts: 1 });
      assert.equal(error.message, 'The handler called process.exit(9).');
    }
    const [leaver = '', ...beside] = await submit([
      { event_type: 'exit.after.thread', max_attempts: 1 },
      ...Array.from({ length: 6 }, () => ({ event_type: 'innocent.thread', payload: 200, max_attempts: 1 })),
    ]);
    for (const id of [leaver, ...beside]) {
      assert.equal((await taskIn(url, id, ['completed', 'dead'])).status, 'completed');
    }
    await until('the exit is logged', () => linesOf(leaver).length > 0);
    assert.equal(linesOf(leaver)[0].error.message, 'The handler called process.exit(9).');
  });

  for (const [eventType, call] of [
    ['exit', 'process.exit(9)'],
    ['exit.later', 'process.exit(9)'],
    ['abort', 'process.abort()'],
    ['kill', 'process.kill('],
  ] as const) {
    it(`names the task whose handler ends the process: ${eventType}`, async (t) => {
      const own = { ...env, QUEUE_PREFIX: `{${eventType}}` }; // its task stays active, and would kill the next test's
      const victim = await startWorkers(t, own);
      const queue = new Queue('tasks', { prefix: own.QUEUE_PREFIX, connection: { url: redis.url } });
      const { id = '' } = await queue.add(eventType, { payload: null });
      await queue.close();
      await until('the process has ended', () => hasEnded(victim));
      const [line] = await until(
        'its last line is read',
        () => linesOf(id, victim).length === 1 && linesOf(id, victim),
      );
      assert.equal(line.event_type, eventType);
      assert.ok(line.msg.startsWith(`a handler called ${call}`), line.msg);
    });
  }
});
