import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import fc from 'fast-check';
import { checkPromql } from '../../src/orchestrator/query/promql.ts';
import { request } from '../support/http.ts';
import { type RunningServer, startOrchestrator, startRedis } from '../support/processes.ts';
import { promql } from '../support/promql-arbitrary.ts';
import { selector } from '../support/promql-parts.ts';
import { suiteScope } from '../support/scope.ts';
import { BEGIN, END, startFilledPrometheus, startFilledVictoriaMetrics } from '../support/tsdb.ts';
import { METRICSQL_KILLERS, VICTORIA_METRICS_KILLERS } from '../support/tsdb-killers.ts';

const nested = (times: number, wrap: (inner: string) => string) => {
  let query = 't';
  for (let i = 0; i < times; i++) query = wrap(query);
  return query;
};

/** What takes gigabytes or minutes of a TSDB, whatever it holds; too dangerous to be shown here. */
const DEVOURING: readonly [query: string, message: RegExp][] = [
  ['max_over_time(up[30d:1ms])', /at most 30000 points in a subquery/],
  ['max_over_time(up[100y:1ms])', /at most 30000 points in a subquery/],
  ['max_over_time(up[100y:])', /at most 1000000 points in a subquery/],
  ['max_over_time(count_values("v", vector(time()))[8h:1s])', /count_values at 2000 points/],
  [nested(30, (inner) => `label_join(${inner},"a","","a","a")`), /at most 65536 bytes of labels/],
  [
    nested(3, (inner) => `label_replace(${inner},"a","${'$1'.repeat(1500)}","a","(.*)")`),
    /at most 65536 bytes of labels/,
  ],
  [`t{kind=~"(${'(x|y)'.repeat(600)}){900}"}`, /repetitions written out/],
  [Array(900).fill('t').join('^'), /at most 250 nested operators/],
];

const UPSTREAMS = { 'victoria-metrics': startFilledVictoriaMetrics, prometheus: startFilledPrometheus };

for (const [upstream, start] of Object.entries(UPSTREAMS)) {
  describe(`a query does not end ${upstream}`, () => {
    const scope = suiteScope();
    let tsdb: RunningServer;
    let url: string;

    before(async () => {
      const redis = await startRedis(scope);
      tsdb = await start(scope);
      const env = { REDIS_URL: redis.url, VICTORIAMETRICS_URL: tsdb.url, LOG_LEVEL: 'error' };
      url = (await startOrchestrator(scope, env)).url;
    });

    const ask = (path: string, parameters: Record<string, string>) =>
      request(`${url}/api/metrics/${path}`, { method: 'POST', body: new URLSearchParams(parameters) });

    function assertAlive(what: string): void {
      assert.equal(tsdb.child.exitCode, null, `${what} ended it: ${tsdb.output().slice(-3_000)}`);
      assert.doesNotMatch(tsdb.output(), /panic: |fatal error: /, what);
    }

    it('that is known to end one: it is refused', async () => {
      const known = [
        ...VICTORIA_METRICS_KILLERS.map(([query]) => [query, /expected/] as const),
        ...DEVOURING,
      ];
      for (const [query, message] of known) {
        const asked = [
          await ask('query', { query, time: `${END}` }),
          await ask('query_range', { query, start: `${BEGIN}`, end: `${END}`, step: '1' }),
          await ask('query_exemplars', { query, service: 'a' }),
          await ask('series', { 'match[]': query }),
        ];
        for (const { status, body } of asked)
          assert.deepEqual([status, body.errorType], [400, 'bad_data'], query);
        assert.match(asked[0]?.body.error, message, query);
        assertAlive(query);
      }
    });

    it('that hides in what is a comment for one parser alone', async () => {
      const query = 'vector(1) # \r + max_over_time(up[30d:1ms])';
      const { status, body } = await ask('query', { query, time: `${END}` });
      assert.deepEqual([status, body.data.result[0].value[1]], [200, '1']);
      assertAlive(query);
    });

    it('that is generated and that the parser takes', async () => {
      const queries = fc.sample(promql, { numRuns: 4_000, seed: 20_261_125 }).filter(isTaken);
      const selectors = fc.sample(selector, { numRuns: 400, seed: 20_261_125 });
      const requests: [path: string, parameters: Record<string, string>][] = [
        ...queries.map((query, i): [string, Record<string, string>] => {
          if (i % 2 === 0) return ['query', { query, time: `${END}` }];
          return ['query_range', { query, start: `${BEGIN}`, end: `${END}`, step: '3', service: 'a' }];
        }),
        ...selectors.map((match): [string, Record<string, string>] => ['series', { 'match[]': match }]),
      ];
      const seen = new Map<number, number>();
      const until = Date.now() + 20_000;
      for (let i = 0; i < requests.length && Date.now() < until; i += 16) {
        const batch = requests.slice(i, i + 16);
        const answers = await Promise.all(batch.map(([path, parameters]) => ask(path, parameters)));
        assertAlive(JSON.stringify(batch));
        for (const [k, { status, body }] of answers.entries()) {
          assert.ok([200, 400, 422].includes(status), `${JSON.stringify(batch[k])}: ${JSON.stringify(body)}`);
          seen.set(status, (seen.get(status) ?? 0) + 1);
        }
      }
      assert.ok((seen.get(200) ?? 0) > 200, JSON.stringify([...seen]));
    });
  });
}

/** What people write in MetricsQL; each must pass. */
const METRICSQL = [
  'rate(t)',
  'sum(rate(t) keep_metric_names) by (kind)',
  'WITH (x = t) x default 0',
  'WITH (cf = {kind="x"}, r = rate(t{cf}[5i])) r / r',
  't if t > 0 default 5',
  'topk_avg(3, sum(t) by (kind), "other")',
  'quantiles("phi", 0.5, 0.9, t)',
  'label_set(label_replace(t, "a", "$1", "kind", "(.*)"), "c", "d")',
  'limit_offset(10, 0, sort_by_label(t, "kind"))',
  '{__name__=~"t.*"} offset -1m',
  't @ (end() - 1h)',
  'foo\\-bar{a="b"} + 1e3 * t[1.5h]',
  '"a" + "b"',
  'step() * 5',
  'count_values("v", t) limit 3',
];

describe('a MetricsQL query does not end victoria-metrics', () => {
  it('that is known to end one: it is refused; ordinary ones pass', async (t) => {
    const [redis, tsdb] = await Promise.all([startRedis(t), startFilledVictoriaMetrics(t)]);
    const { url } = await startOrchestrator(t, {
      REDIS_URL: redis.url,
      VICTORIAMETRICS_URL: tsdb.url,
      QUERY_DIALECT: 'metricsql',
    });
    const range = { start: `${BEGIN}`, end: `${END}`, step: '1' };
    const ask = (path: string, parameters: Record<string, string>) =>
      request(`${url}/api/metrics/${path}`, { method: 'POST', body: new URLSearchParams(parameters) });
    const devouring = DEVOURING.filter(([query]) => !query.includes('[')); // VictoriaMetrics has limits for windows
    const known = [...VICTORIA_METRICS_KILLERS, ...devouring].map(([query]) => query);
    for (const query of [...known, ...METRICSQL_KILLERS]) {
      for (const answer of [
        await ask('query', { query, time: `${END}` }),
        await ask('query_range', { query, ...range }),
        await ask('series', { 'match[]': query }),
      ]) {
        assert.deepEqual([answer.status, answer.body.errorType], [400, 'bad_data'], query);
      }
    }
    for (const query of METRICSQL) {
      const { status, body } = await ask('query_range', { query, ...range });
      assert.equal(status, 200, `${query}: ${JSON.stringify(body)}`);
    }
    const queries = fc.sample(promql, { numRuns: 600, seed: 1 });
    for (let i = 0; i < queries.length; i += 20) {
      await Promise.all(queries.slice(i, i + 20).map((query) => ask('query_range', { query, ...range })));
      assert.equal(tsdb.child.exitCode, null, JSON.stringify(queries.slice(i, i + 20)));
    }
  });
});

function isTaken(query: string): boolean {
  try {
    checkPromql(query);
    return true;
  } catch {
    return false;
  }
}
