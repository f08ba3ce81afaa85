import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { post, runTask, taskIn } from '../support/http.ts';
import {
  REPOSITORY,
  type RunningServer,
  startOrchestrator,
  startProcess,
  startRedis,
  startWorkers,
  temporaryFolder,
} from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

const SDK = `--import=${join(REPOSITORY, 'tests/support/otel-program.ts')}`;
const traceparent = (trace: string, span: string) => `00-${trace.repeat(32)}-${span.repeat(16)}-01`;

describe('tracing', () => {
  const scope = suiteScope();
  let redis: RunningServer;
  let url: string;
  let file: string;

  before(async () => {
    redis = await startRedis(scope);
    file = join(await temporaryFolder(scope), 'spans');
    writeFileSync(file, '');
    const env = { REDIS_URL: redis.url, TASK_RETRY_DELAY: '0.05', OTEL_TRACING: 'true' };
    const traced = { ...env, NODE_OPTIONS: SDK, SPANS_FILE: file };
    url = (await startOrchestrator(scope, traced)).url;
    await startWorkers(scope, traced);
  });

  const spansOf = (trace: string): Span[] =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((text) => text !== '')
      .map((text) => JSON.parse(text) as Span)
      .filter(({ traceId }) => traceId === trace.repeat(32));

  /** Waits for `count` attempts in a trace, and returns their spans. */
  const attemptsOf = (trace: string, count: number) =>
    until(`${count} attempts are traced`, () => {
      const attempts = spansOf(trace).filter(({ name }) => name.startsWith('process'));
      return attempts.length === count && attempts;
    });

  it('makes the attempts children of the submission, and that a child of the request', async () => {
    const { body } = await post(
      `${url}/api/tasks`,
      { event_type: 'fail.once' },
      { traceparent: traceparent('a', 'b') },
    );
    await taskIn(url, body.id, ['completed']);
    const attempts = await attemptsOf('a', 2);
    const [submission, ...more] = spansOf('a').filter(({ name }) => name.startsWith('addBulk'));
    assert.deepEqual([submission?.parentSpanId, more], ['b'.repeat(16), []]);
    assert.deepEqual(
      attempts.map(({ parentSpanId }) => parentSpanId),
      [submission?.spanId, submission?.spanId],
    );
  });

  it('makes the attempts of all tasks of a batch children of one submission', async () => {
    const tasks = Array.from({ length: 3 }, () => ({ event_type: 'echo' }));
    await post(`${url}/api/tasks/batch`, { tasks }, { traceparent: traceparent('c', 'd') });
    const attempts = await attemptsOf('c', 3);
    const submission = spansOf('c').find(({ name }) => name.startsWith('addBulk'));
    assert.ok(attempts.every(({ parentSpanId }) => parentSpanId === submission?.spanId));
  });

  it('keeps the span of the attempt active while the handler runs', async () => {
    const { body } = await post(
      `${url}/api/tasks`,
      { event_type: 'active.span' },
      { traceparent: traceparent('e', 'f') },
    );
    const task = await taskIn(url, body.id, ['completed', 'dead']);
    const [attempt] = await attemptsOf('e', 1);
    assert.equal(task.result, attempt?.spanId);
  });

  it('calls the listeners to an abort signal within the span of its own attempt', async () => {
    const submit = (trace: string) =>
      post(
        `${url}/api/tasks`,
        { event_type: 'abort.span', max_attempts: 1 },
        { traceparent: traceparent(trace, '1') },
      );
    const tasks = await Promise.all([submit('5'), submit('6')]);
    await Promise.all(tasks.map(({ body }) => taskIn(url, body.id, ['dead'])));
    for (const trace of ['5', '6']) {
      const [attempt] = await attemptsOf(trace, 1);
      const [abort] = spansOf(trace).filter(({ name }) => name === 'abort');
      assert.equal(abort?.parentSpanId, attempt?.spanId);
    }
  });

  it("makes no spans of BullMQ's upkeep, and puts no payload and no result into spans", async () => {
    await runTask(url, { event_type: 'echo', payload: 'not for all eyes' });
    await until('the end of the task is traced', () => /job completed/.test(readFileSync(file, 'utf8')));
    assert.doesNotMatch(readFileSync(file, 'utf8'), /not for all eyes/);
    const names = readFileSync(file, 'utf8').match(/^{"name":"\w+/gm) ?? [];
    const steps = ['addBulk', 'process', 'complete', 'delay', 'retry', 'fail', 'abort'].map(
      (name) => `{"name":"${name}`,
    );
    assert.deepEqual(
      names.filter((name) => !steps.includes(name)),
      [],
    );
  });

  it('needs its optional packages only while OTEL_TRACING is on', async (t) => {
    const denied = `data:text/javascript,import { registerHooks } from 'node:module'; registerHooks({ resolve(name, context, next) { if (/bullmq-otel|opentelemetry.sdk/.test(name)) throw new Error('not installed: ' + name); return next(name, context); } });`;
    const env = { REDIS_URL: redis.url, NODE_OPTIONS: `--import="${denied.replaceAll('"', "'")}"` };
    const { url: plain } = await startOrchestrator(t, env);
    assert.equal((await post(`${plain}/api/tasks`, { event_type: 'echo' })).status, 202);
    const wanting = startProcess(t, process.execPath, ['src/workers/main.ts'], {
      env: { ...env, OTEL_TRACING: 'true', SERVICE_PORT: '0' },
    });
    await until('it exits', () => wanting.child.exitCode !== null);
    assert.equal(wanting.child.exitCode, 1);
    assert.match(wanting.output(), /OTEL_TRACING: expected the packages bullmq-otel and @opentelemetry\/api/);
  });
});
