import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAX_HELD_MS, MAX_P99_MS, watchLoop } from '../support/beside.ts';
import { orchestratorRoutes, type Route, workersRoutes } from '../support/documented-routes.ts';
import { type FuzzedRequest, RequestFuzzer } from '../support/fuzzed-requests.ts';
import { startHealthyClient } from '../support/healthy-client.ts';
import { post, request } from '../support/http.ts';
import { MIB } from '../support/large-bodies.ts';
import {
  type RunningServer,
  startOrchestrator,
  startRedis,
  startVictoriaMetrics,
  startWorkers,
} from '../support/processes.ts';
import { Random } from '../support/random.ts';
import { type RawAnswer, RawConnection } from '../support/raw-http.ts';

/** `npm run test:fuzz -- COUNT SEED` sends more, or others. */
const [REQUESTS = 3_000, SEED = 20_261_125] = process.argv.slice(2).map(Number);
const WARM_UP = Math.max(REQUESTS / 2, 3_000);
/** By so much the series may grow: a route that answers another status for the first time makes a few. */
const MAX_GROWTH = REQUESTS > 10_000 ? 1.05 : 1.3;
/** The series are counted after each. */
const PARTS = 4;
const CONNECTIONS = 12;

/** Sends requests over connections that stay open. Returns what was answered otherwise than documented. */
async function send(
  server: RunningServer,
  requests: Iterator<FuzzedRequest>,
  counts: Record<string, number>,
) {
  const faults: string[] = [];
  const work = async () => {
    let connection = await RawConnection.open(server.port);
    for (let next = requests.next(); next.done !== true && faults.length < 20; next = requests.next()) {
      const { method, text, expected, faultOf, endsConnection } = next.value;
      if (connection.isClosed) connection = await RawConnection.open(server.port);
      await connection.send([text]);
      const answer = await connection.answer(method, 10_000);
      const outcome = typeof answer === 'string' ? answer : answer.status;
      counts[outcome] = (counts[outcome] ?? 0) + 1;
      const fault =
        typeof answer === 'string' || !expected.has(answer.status)
          ? 'the status'
          : bodyFault(method, answer, faultOf);
      if (fault !== undefined) {
        const body = typeof answer === 'string' ? '' : answer.body.slice(0, 300);
        const asked = JSON.stringify(text.toString('latin1').slice(0, 1_500));
        faults.push(`${fault}: ${outcome} ${body} to ${asked}`);
      }
      const isLast = typeof answer === 'string' || answer.headers.get('connection') === 'close';
      if (endsConnection || isLast) connection.close();
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
  return faults;
}

/** Errors are always JSON, but for pages; other answers where they say so. */
function bodyFault(
  method: string,
  { status, headers, body }: RawAnswer,
  faultOf: FuzzedRequest['faultOf'],
): string | undefined {
  if (method === 'HEAD' || body === '' || headers.has('content-encoding')) return undefined;
  const type = headers.get('content-type') ?? '';
  if (type.startsWith('application/json')) return faultOf(status, JSON.parse(body));
  return status >= 400 && !/^text\/(?:html|plain)/.test(type) ? `content-type ${type}` : undefined;
}

async function seriesOf(...servers: readonly RunningServer[]): Promise<string[]> {
  const bodies = await Promise.all(
    servers.map(async ({ url }) => String((await request(`${url}/metrics`)).body)),
  );
  return bodies.flatMap((body) => body.split('\n').filter((line) => /^[a-z]/.test(line)));
}

/** Label values that came up after the warm-up, without routes and those of labels that have few. */
function newValues(before: readonly string[], after: readonly string[], routes: readonly Route[]): string[] {
  const valuesOf = (series: readonly string[]) =>
    new Set(
      series.flatMap((line) => [...line.matchAll(/(\w+="(?:[^"\\]|\\.)*")/g)].map(([, pair = '']) => pair)),
    );
  const isOfFew = /^(?:status|code|method|collector|result|reason|kind|operation|type)=/;
  const patterns = new Set(
    routes.map(({ pattern }) => `endpoint="${pattern.replaceAll(/\{(\w+)\}/g, ':$1')}"`),
  );
  return [...valuesOf(after).difference(valuesOf(before)).difference(patterns)].filter(
    (pair) => !isOfFew.test(pair),
  );
}

describe('random requests', () => {
  it('get documented answers, make no series and take no memory, and nobody beside them notices', async (t) => {
    t.diagnostic(`${REQUESTS} requests, seed ${SEED}`);
    const [redis, tsdb, ...watches] = await Promise.all([
      startRedis(t),
      startVictoriaMetrics(t),
      watchLoop(),
      watchLoop(),
    ]);
    const common = {
      REDIS_URL: redis.url,
      VICTORIAMETRICS_URL: tsdb.url,
      VICTORIAMETRICS_QUERY_TIMEOUT: '3',
    };
    const [orchestrator, workers] = await Promise.all([
      startOrchestrator(t, { ...common, ...watches[0].env }),
      startWorkers(t, { ...common, ...watches[1].env }),
    ]);
    const { body } = await post(`${orchestrator.url}/api/tasks/batch`, {
      tasks: Array(20).fill({ event_type: 'fail', max_attempts: 1 }),
    });
    const ids = ['none', ...body.tasks.map(({ id }: { id: string }) => id)];
    const random = new Random(SEED);
    const counts: Record<string, number> = {};
    const routes = await orchestratorRoutes(orchestrator.url);
    const fuzz = async (count: number) => {
      const to = (server: RunningServer, routes: readonly Route[], share: number) => {
        const fuzzer = new RequestFuzzer(random, routes, ids);
        return send(
          server,
          Iterator.from({ next: () => ({ value: fuzzer.next() }) }).take(count * share),
          counts,
        );
      };
      const faults = await Promise.all([to(orchestrator, routes, 0.9), to(workers, workersRoutes(), 0.1)]);
      for (const { child, output } of [orchestrator, workers])
        assert.equal(child.exitCode, null, output().slice(-3_000));
      assert.deepEqual(faults.flat(), [], `with seed ${SEED}`);
    };
    await fuzz(WARM_UP);
    const healthy = await startHealthyClient(t, orchestrator.url);
    const before = await seriesOf(orchestrator, workers);
    const memoryBefore = await Promise.all(
      watches.map(async ({ read }) => (await read('/alive')).aliveBytes),
    );
    const seriesCounts = [before.length];
    for (let part = 1; part <= PARTS; part++) {
      await fuzz(REQUESTS / PARTS);
      seriesCounts.push((await seriesOf(orchestrator, workers)).length);
    }
    const report = await healthy.report();
    const after = await seriesOf(orchestrator, workers);
    const readings = await Promise.all(watches.map(({ read }) => read('/alive')));
    t.diagnostic(JSON.stringify(counts));
    t.diagnostic(`series: ${seriesCounts}`);
    const growth = readings.map(({ aliveBytes }, i) => aliveBytes - (memoryBefore[i] ?? 0));
    const held = readings.map(({ heldMs }) => heldMs);
    t.diagnostic(`memory grew by ${growth.map((bytes) => Math.round(bytes / MIB))} MiB; held for ${held} ms`);
    t.diagnostic(`the healthy client: p99 ${report.p99Ms} ms, max ${report.maxMs} ms of ${report.count}`);
    for (const server of [orchestrator, workers, tsdb, redis]) assert.equal(server.child.exitCode, null);
    const lines = [orchestrator, workers].flatMap(({ output }) => output().split('\n'));
    const errors = lines.filter((line) => /"level":[56]0/.test(line) && !line.includes('"task_id"'));
    assert.deepEqual(errors.slice(0, 3), []);
    // No label takes a client's text.
    assert.deepEqual(newValues(before, after, routes), []);
    assert.ok(after.length < before.length * MAX_GROWTH, `${seriesCounts}`);
    assert.ok(
      growth.every((bytes) => bytes < 50 * MIB),
      `${growth}`,
    );
    assert.ok(
      held.every((ms) => ms < MAX_HELD_MS),
      `${held}`,
    );
    assert.ok(report.p99Ms < MAX_P99_MS, `${report.p99Ms} ms`);
    assert.deepEqual(Object.keys(report.failures), []);
  });
});
