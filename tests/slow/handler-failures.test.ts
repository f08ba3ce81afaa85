import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { post, request, sample, taskIn } from '../support/http.ts';
import { type RunningServer, startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { createRunLog, type RunLog } from '../support/run-log.ts';
import { suiteScope } from '../support/scope.ts';
import { BAD_RESULTS, PERMANENT, THROWN } from '../support/thrown-values.ts';
import { until } from '../support/until.ts';

interface Case {
  readonly eventType: string;
  readonly payload: string;
  readonly maxAttempts: number;
  readonly attempts: number;
}

/** Texts are cut to 2,000 and 8,192 characters; JSON may write one as six. */
const [MAX_MESSAGE, MAX_LINE] = [2_000, 70_000];

describe("handlers' failures", () => {
  const scope = suiteScope();
  let url: string;
  let workers: RunningServer;
  let runs: RunLog;

  before(async () => {
    runs = await createRunLog(scope, 'throwing-handlers.ts');
    const redis = await startRedis(scope);
    const env = { REDIS_URL: redis.url, TASK_RETRY_DELAY: '0.01', WORKER_POOL_SIZE: '16', ...runs.env };
    url = (await startOrchestrator(scope, env)).url;
    workers = await startWorkers(scope, env);
  });

  const failedAttempts = async (): Promise<number> =>
    (await request(`${workers.url}/stats`)).body.events_failed;

  /** What is wrong with the end of one task; empty when nothing is. */
  async function faultsOf({ attempts }: Case, id: string, lines: readonly string[]): Promise<string[]> {
    const task = await taskIn(url, id, ['dead', 'completed']).catch(String);
    if (typeof task === 'string') return [task];
    const faults: string[] = [];
    const seen = [task.status, task.attempts, runs.starts(id), lines.length];
    if (String(seen) !== String(['dead', attempts, attempts, attempts])) faults.push(`status, … ${seen}`);
    const message: string = task.error?.message ?? '';
    if (message === '' || message.length > MAX_MESSAGE)
      faults.push(`a message of ${message.length} characters`);
    for (const line of lines) {
      const { error } = JSON.parse(line);
      if (error?.message !== message)
        faults.push(`the log says ${error?.message?.slice(0, 99)}, not ${message}`);
      if (line.length > MAX_LINE) faults.push(`a line of ${line.length} characters`);
    }
    return faults;
  }

  /** Runs all cases at once. Each must end dead, having run as often as it should and left one line for each run. */
  async function check(cases: readonly Case[]): Promise<void> {
    const failedBefore = await failedAttempts();
    const logBefore = workers.output().length;
    const tasks = cases.map(({ eventType, payload, maxAttempts }) => {
      return { event_type: eventType, payload, max_attempts: maxAttempts };
    });
    const { body } = await post(`${url}/api/tasks/batch`, { tasks });
    const ids: string[] = body.tasks.map(({ id }: { id: string }) => id);
    const runCount = cases.reduce((sum, { attempts }) => sum + attempts, 0);
    const perTask = () =>
      Map.groupBy(
        workers.output().slice(logBefore).split('\n').slice(0, -1),
        (line) => /"task_id":"([^"]+)"/.exec(line)?.[1] ?? '',
      );
    const logged = () => workers.output().slice(logBefore).split('"task_id":').length - 1;
    // A task that never ends must not keep the others' faults from being shown.
    await until('all attempts are logged', () => logged() >= runCount, 45_000).catch(() => undefined);
    const lines = perTask();
    const faults: string[] = [];
    for (const [i, id] of ids.entries()) {
      const one = cases[i] as Case; // one id for each
      for (const fault of await faultsOf(one, id, lines.get(id) ?? []))
        faults.push(`${one.payload}: ${fault}`);
    }
    assert.deepEqual(faults, []);
    assert.equal((await failedAttempts()) - failedBefore, runCount);
    assert.equal(await sample(workers.url, 'asdlc_events_stalled_total'), 0);
    assert.equal(workers.child.exitCode, null);
  }

  const casesOf = (
    eventType: string,
    values: Iterable<string>,
    maxAttempts: number,
    attempts = maxAttempts,
  ) => [...values].map((payload): Case => ({ eventType, payload, maxAttempts, attempts }));

  for (const place of ['', '.thread']) {
    const where = place === '' ? 'inline' : 'in a thread';
    for (const maxAttempts of [1, 3]) {
      it(`end a task ${where} after max_attempts of ${maxAttempts}, whatever is thrown`, () =>
        check(casesOf(`fail${place}`, THROWN.keys(), maxAttempts)));
    }

    it(`end a task ${where} at once when the value says \`retryable: false\``, () =>
      check(casesOf(`fail${place}`, PERMANENT.keys(), 3, 1)));

    it(`end a task ${where} by an error in a timer, while its attempt runs`, () =>
      check(casesOf(`fail.timer${place}`, THROWN.keys(), 1)));

    it(`end a task ${where} by a rejection that nobody catches, while its attempt runs`, () =>
      check(casesOf(`fail.floating${place}`, THROWN.keys(), 1)));

    it(`end a task ${where} whose result is not JSON`, () =>
      check(casesOf(`result${place}`, BAD_RESULTS.keys(), 1)));
  }
});
