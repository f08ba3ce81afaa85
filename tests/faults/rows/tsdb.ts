import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { rangePath, startFaultyServer } from '../../support/faulty-tsdb.ts';
import { request, sample, taskIn } from '../../support/http.ts';
import { submitKeyed } from '../../support/keyed-load.ts';
import { LocalStackFolder, untilBothAreScraped } from '../../support/local-stack-process.ts';
import {
  type RunningServer,
  startOrchestrator,
  startRedis,
  startVictoriaMetrics,
  startWorkers,
} from '../../support/processes.ts';
import type { Scope } from '../../support/scope.ts';
import { VICTORIA_METRICS_KILLERS } from '../../support/tsdb-killers.ts';
import { until } from '../../support/until.ts';
import { assertWithin, type FaultRow, milliseconds, seconds, timed } from './fault-row.ts';

const TIMEOUT_SECONDS = 2;
const UNTOUCHED = '`/metrics` and the queue are untouched';

async function startInFront(scope: Scope, tsdbUrl: string): Promise<RunningServer> {
  const { url: REDIS_URL } = await startRedis(scope);
  const env = {
    REDIS_URL,
    VICTORIAMETRICS_URL: tsdbUrl,
    VICTORIAMETRICS_QUERY_TIMEOUT: `${TIMEOUT_SECONDS}`,
    QUERY_CACHE_SECONDS: '0',
  };
  const [orchestrator] = await Promise.all([startOrchestrator(scope, env), startWorkers(scope, env)]);
  return orchestrator;
}

let keys = 0;

/** Submits a task, waits for its end, and reads `/metrics`. Returns how long the metrics took. */
async function assertUntouched({ url }: RunningServer): Promise<number> {
  const id = await submitKeyed(url, `untouched-${keys++}`);
  assert.equal((await taskIn(url, id, ['completed', 'dead'])).status, 'completed');
  const { tookMs } = await timed(() => sample(url, 'asdlc_redis_connection_up'));
  assertWithin('/metrics', tookMs, 1_000);
  return tookMs;
}

async function ask({ url }: RunningServer, path = rangePath()) {
  const { value, tookMs } = await timed(() => request(`${url}${path}`));
  assertWithin('the answer', tookMs, TIMEOUT_SECONDS * 1_000 + 500);
  return { status: value.status, errorType: value.body.errorType, tookMs };
}

async function showDown(scope: Scope): Promise<string> {
  const tsdb = await startVictoriaMetrics(scope);
  const orchestrator = await startInFront(scope, tsdb.url);
  await tsdb.stop('SIGKILL');
  const { status, errorType, tookMs } = await ask(orchestrator);
  assert.deepEqual([status, errorType], [503, 'unavailable']);
  const metricsMs = await assertUntouched(orchestrator);
  return `${status} ${errorType} in ${milliseconds(tookMs)}; \`/metrics\` in ${milliseconds(metricsMs)}, a task completed`;
}

async function showSlow(scope: Scope): Promise<string> {
  const tsdb = await startVictoriaMetrics(scope);
  const orchestrator = await startInFront(scope, tsdb.url);
  tsdb.child.kill('SIGSTOP');
  const { status, errorType, tookMs } = await ask(orchestrator);
  assert.deepEqual([status, errorType], [503, 'timeout']);
  const metricsMs = await assertUntouched(orchestrator);
  tsdb.child.kill('SIGCONT');
  await until('it answers again', async () => (await ask(orchestrator)).status === 200);
  return `${status} ${errorType} in ${seconds(tookMs)} (limit ${TIMEOUT_SECONDS} s), 200 once it goes on; \`/metrics\` in ${milliseconds(metricsMs)}, a task completed`;
}

const JSON_TYPE = { 'content-type': 'application/json' };

/** Answers that no TSDB should give. */
const HOSTILE: Readonly<Record<string, RequestListener>> = {
  HTML: (_, response) => response.end('<html>no</html>'),
  nothing: (_, response) => response.writeHead(200, JSON_TYPE).end(),
  'broken JSON': (_, response) => response.writeHead(200, JSON_TYPE).end('{"status":"succ'),
  'a body that breaks off': (_, response) => {
    response.writeHead(200, { ...JSON_TYPE, 'content-length': '1000' }).write('{"status":"success"', () => {
      response.destroy();
    });
  },
  'a body that drips': (_, response) => {
    response.writeHead(200, JSON_TYPE);
    const timer = setInterval(() => response.write(' '), 100);
    response.on('close', () => clearInterval(timer));
  },
  'a redirect': (_, response) => response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end(),
  'status 500': (_, response) => response.writeHead(500).end('secret of the TSDB'),
  'a body of gigabytes': (_, response) => {
    response.writeHead(200, { ...JSON_TYPE, 'content-length': String(2 ** 33) }).write('{');
  },
};

async function showHostile(scope: Scope): Promise<string> {
  const faulty = { answer: HOSTILE.HTML as RequestListener, arrived: 0, aborted: 0 }; // the first of them
  const orchestrator = await startInFront(scope, await startFaultyServer(scope, faulty));
  const seen: string[] = [];
  for (const [name, answer] of Object.entries(HOSTILE)) {
    faulty.answer = answer;
    const { status, errorType, tookMs } = await ask(orchestrator);
    assert.ok(status === 503 || status === 422, `${name}: ${status}`);
    seen.push(`${name}: ${status} ${errorType} in ${milliseconds(tookMs)}`);
  }
  await assertUntouched(orchestrator);
  return `${seen.join('; ')}; a task completed`;
}

async function showPanicking(scope: Scope): Promise<string> {
  const tsdb = await startVictoriaMetrics(scope);
  const orchestrator = await startInFront(scope, tsdb.url);
  for (const [query] of VICTORIA_METRICS_KILLERS) {
    const { status } = await ask(orchestrator, `/api/metrics/query?${new URLSearchParams({ query })}`);
    assert.equal(status, 400, query);
  }
  assert.equal(tsdb.child.exitCode, null);
  assert.equal((await ask(orchestrator)).status, 200);
  await assertUntouched(orchestrator);
  return `${VICTORIA_METRICS_KILLERS.length} queries that end VictoriaMetrics 1.79: each 400; it runs on and answers 200`;
}

async function showLocalStack(scope: Scope): Promise<string> {
  const folder = await LocalStackFolder.create(scope);
  const stack = folder.start();
  await stack.up();
  const seen: string[] = [];
  for (const name of ['victoria-metrics', 'redis-server']) {
    const killedAtMs = performance.now();
    process.kill(folder.pid(name), 'SIGKILL');
    await until(`${name} is ready again`, () => stack.output().includes(`${name} is ready again`), 60_000);
    seen.push(`${name} was back after ${seconds(performance.now() - killedAtMs)}`);
  }
  await untilBothAreScraped(stack);
  assert.match(stack.output(), /It starts again in 0\.5 s/);
  stack.child.kill('SIGINT');
  assert.equal(await stack.exited, 0);
  return `${seen.join(', ')}; both services are scraped again; exit code 0`;
}

export const TSDB_ROWS: readonly FaultRow[] = [
  {
    fault: 'The TSDB is down',
    promise: `a query gets 503; ${UNTOUCHED}`,
    show: showDown,
  },
  {
    fault: 'The TSDB does not answer (SIGSTOP)',
    promise: `a query gets 503 within its limit; ${UNTOUCHED}`,
    show: showSlow,
  },
  {
    fault: 'The TSDB answers garbage, or without end',
    promise: `a query gets 503, or 422 for an answer too large, within its limit; ${UNTOUCHED}`,
    show: showHostile,
  },
  {
    fault: 'Queries that end the TSDB',
    promise: 'they are refused with 400, and the TSDB runs on',
    show: showPanicking,
  },
  {
    fault: 'TSDB and Redis of the local stack are killed',
    promise: 'the local stack starts each again, after a wait that grows',
    show: showLocalStack,
  },
];
