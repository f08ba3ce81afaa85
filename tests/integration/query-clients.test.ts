import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { startOrchestrator, startRedis, startVictoriaMetrics } from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';
import { importSamples } from '../support/tsdb.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);
// Node cannot import its ES modules, which name folders. The CommonJS ones work.
const { HTTPPrometheusClient } = createRequire(import.meta.url)(
  '@prometheus-io/codemirror-promql/dist/cjs/client/prometheus.js',
) as typeof import('@prometheus-io/codemirror-promql/dist/esm/client/prometheus.js');

describe('clients of Prometheus, unchanged', () => {
  const scope = suiteScope();
  const now = Math.floor(Date.now() / 1000);
  let url: string;

  before(async () => {
    const [redis, tsdb] = await Promise.all([startRedis(scope), startVictoriaMetrics(scope)]);
    const orchestrator = await startOrchestrator(scope, {
      REDIS_URL: redis.url,
      VICTORIAMETRICS_URL: tsdb.url,
    });
    url = `${orchestrator.url}/api/metrics/prom`;
    const lines = Array.from({ length: 10 }, (_, i) => `t{service="a"} ${i} ${(now - 60 + i * 5) * 1000}`);
    await importSamples(tsdb.url, lines.join('\n'));
    await until('the samples can be queried', async () => {
      const answer = await fetch(`${url}/api/v1/query?query=t&time=${now}`);
      return ((await answer.json()) as { data: { result: unknown[] } }).data.result.length === 1;
    });
  });

  const promtool = async (...args: string[]) => (await run('promtool', ['query', ...args])).stdout.trim();

  it('promtool gets instant and range queries, series and labels', async () => {
    assert.match(await promtool('instant', url, 't'), /^t\{service="a"\} => 9 @\[/);
    assert.match(await promtool('instant', url, 't[2m]'), /^t\{service="a"\} =>\n0 @\[/);
    const times = [`--start=${now - 60}`, `--end=${now - 15}`, '--step=15s'];
    assert.match(await promtool('range', ...times, url, 't'), /^t\{service="a"\} =>\n0 @\[\d+\]\n3 @\[\d+\]/);
    const match = ['--match=t', `--start=${now - 120}`, `--end=${now}`];
    assert.equal(await promtool('series', ...match, url), '{__name__="t", service="a"}');
    assert.equal(await promtool('labels', url, 'service'), 'a');
  });

  it('promtool asks for series from the beginning of time to its end', async () => {
    assert.equal(await promtool('series', '--match=t', url), '{__name__="t", service="a"}');
  });

  it("promtool shows the API's errors", async () => {
    await assert.rejects(promtool('instant', url, 'sum('), /bad_data.*expected PromQL/s);
  });

  it("CodeMirror's PromQL extension completes names", async () => {
    const failures: unknown[] = [];
    const client = new HTTPPrometheusClient({
      url,
      httpErrorHandler: (error: unknown) => void failures.push(error),
    });
    assert.deepEqual(await client.metricNames(), ['t']);
    assert.deepEqual([...(await client.labelNames('t'))].sort(), ['__name__', 'service']);
    assert.deepEqual(await client.labelValues('service', 't'), ['a']);
    assert.equal(typeof (await client.metricMetadata()), 'object');
    assert.equal((await client.series('t')).length, 1);
    assert.equal((await client.flags())['query.timeout'], '30s');
    assert.deepEqual(failures, []);
  });
});
