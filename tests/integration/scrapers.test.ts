import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  Counter,
  Gauge,
  Histogram,
  MetricsRegistry,
  metricsHandler,
} from '../../src/infrastructure/metrics/index.ts';
import { request } from '../support/http.ts';
import { freePort, startProcess, startVictoriaMetrics, temporaryFolder } from '../support/processes.ts';
import type { Scope } from '../support/scope.ts';
import { importSamples } from '../support/tsdb.ts';
import { until } from '../support/until.ts';

/** A label value that needs every escape. Scrapers must store exactly this. */
const HOSTILE = 'a"b\\c\nd é 漢 \u{1F600} ={},';

function createRegistry() {
  const registry = new MetricsRegistry();
  const registers = [registry];
  const jobs = new Counter({
    name: 'test_jobs_total',
    help: 'Jobs, "done"\\or\nnot.',
    labelNames: ['kind'],
    enableExemplars: true,
    registers,
  });
  jobs.inc({ labels: { kind: HOSTILE }, value: 3, exemplarLabels: { trace_id: 'abc123' } });
  const seconds = new Histogram({
    name: 'test_job_seconds',
    help: 'Time.',
    buckets: [0.00001, 1, 10],
    registers,
  });
  for (const value of [0.000001, 0.5, 5, 50]) seconds.observe(value);
  const value = new Gauge({ name: 'test_value', help: 'A value.', labelNames: ['sign'], registers });
  value.set({ sign: '+' }, Number.POSITIVE_INFINITY);
  value.set({ sign: '-' }, Number.NEGATIVE_INFINITY);
  value.set({ sign: 'small' }, -2.5e-7);
  return registry;
}

/** A scrape target that records the headers of its scrapes. */
async function startTarget(scope: Scope) {
  const scrapes: IncomingHttpHeaders[] = [];
  const handler = metricsHandler({ registry: createRegistry(), service: 's' });
  const server = createServer((request, response) => {
    scrapes.push(request.headers);
    handler(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  scope.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const target = `127.0.0.1:${(server.address() as { port: number }).port}`; // a TCP server has one
  /** The content type of a response to the first scraper's Accept header. */
  const negotiated = async () => {
    const { accept = '' } = scrapes[0] ?? {};
    return (await request(`http://${target}/metrics`, { headers: { accept } })).headers.get('content-type');
  };
  return { target, scrapes, negotiated };
}

const scrapeConfig = (target: string) => `
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs: [{job_name: test, static_configs: [{targets: ["${target}"]}]}]
`;

async function startPrometheus(scope: Scope, target: string): Promise<string> {
  const folder = await temporaryFolder(scope);
  const port = await freePort();
  await writeFile(join(folder, 'prometheus.yml'), scrapeConfig(target));
  startProcess(scope, 'prometheus', [
    `--config.file=${folder}/prometheus.yml`,
    `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--enable-feature=exemplar-storage',
  ]);
  const url = `http://127.0.0.1:${port}`;
  await until('prometheus is ready', async () => (await fetch(`${url}/-/ready`)).ok, 30_000);
  return url;
}

type Series = { metric: Record<string, string>; value: [number, string] };

async function query(url: string, expression: string): Promise<Series[]> {
  const { body } = await request(`${url}/api/v1/query?${new URLSearchParams({ query: expression })}`);
  return body.data.result;
}

/** Checks that a TSDB has stored the registry above. */
async function checkStored(url: string): Promise<void> {
  const [job] = await until('the scrape is stored', async () => {
    const series = await query(url, 'test_jobs_total');
    return series.length > 0 && series;
  });
  assert.deepEqual([job?.metric.kind, job?.value[1]], [HOSTILE, '3']);
  const buckets = await query(url, 'test_job_seconds_bucket');
  const counts = new Map(
    buckets.map(({ metric, value }) => [Number(metric.le?.replace('+Inf', 'Infinity')), value[1]]),
  );
  assert.deepEqual(
    [...counts].sort(([a], [b]) => a - b),
    [
      [0.00001, '1'],
      [1, '2'],
      [10, '3'],
      [Number.POSITIVE_INFINITY, '4'],
    ],
  );
  assert.equal((await query(url, 'test_job_seconds_count'))[0]?.value[1], '4');
  assert.equal(Number((await query(url, 'test_job_seconds_sum'))[0]?.value[1]), 55.500001);
  const values = await query(url, 'test_value');
  const bySign = Object.fromEntries(values.map(({ metric, value }) => [metric.sign, value[1]]));
  assert.deepEqual([bySign['+'], bySign['-'], Number(bySign.small)], ['+Inf', '-Inf', -2.5e-7]);
  assert.equal((await query(url, 'up{job="test"}'))[0]?.value[1], '1');
}

describe('the exposition, read by real scrapers', () => {
  it('Prometheus gets OpenMetrics, and stores values, metadata and exemplars', async (t) => {
    const { target, scrapes, negotiated } = await startTarget(t);
    const url = await startPrometheus(t, target);
    await checkStored(url);
    assert.equal(await negotiated(), 'application/openmetrics-text; version=1.0.0; charset=utf-8');
    assert.match(scrapes[0]?.accept ?? '', /^application\/openmetrics-text;/);
    const metadata = (await request(`${url}/api/v1/targets/metadata?match_target={job="test"}`)).body.data;
    const byName = new Map<string, { type: string; unit: string; help: string }>();
    for (const { metric, ...rest } of metadata) byName.set(metric, rest);
    // Only OpenMetrics has units and counters without _total: this shows that Prometheus read OpenMetrics.
    assert.equal(byName.get('test_jobs')?.type, 'counter');
    assert.equal(byName.get('test_jobs')?.help, 'Jobs, "done"\\or\nnot.');
    assert.deepEqual(
      [byName.get('test_job_seconds')?.unit, byName.get('test_job_seconds')?.type],
      ['seconds', 'histogram'],
    );
    const now = Date.now() / 1000;
    const range = { query: 'test_jobs_total', start: String(now - 60), end: String(now + 1) };
    const exemplars = await request(`${url}/api/v1/query_exemplars?${new URLSearchParams(range)}`);
    assert.deepEqual(exemplars.body.data[0].exemplars[0].labels, { trace_id: 'abc123' });
  });

  it('VictoriaMetrics gets text with gzip, and stores the values', async (t) => {
    const { target, scrapes, negotiated } = await startTarget(t);
    const { url } = await startVictoriaMetrics(t, scrapeConfig(target));
    await checkStored(url);
    assert.equal(await negotiated(), 'text/plain; version=0.0.4; charset=utf-8');
    assert.equal(scrapes[0]?.['accept-encoding'], 'gzip');
  });

  it('VictoriaMetrics exports what it imported', async (t) => {
    const { url } = await startVictoriaMetrics(t);
    const { body } = await createRegistry().render();
    await importSamples(url, body.toString());
    // The infinities are left out: VictoriaMetrics writes them as -Infinity, which is not JSON.
    const lines = await until('it can be exported', async () => {
      const text = (
        await request(
          `${url}/api/v1/export?${new URLSearchParams({ 'match[]': '{__name__=~"test_.+",sign!~"[+-]"}' })}`,
        )
      ).body;
      const rows = String(typeof text === 'string' ? text : JSON.stringify(text))
        .trim()
        .split('\n');
      return rows.length === 8 && rows;
    });
    const exported = lines.map(
      (line) => JSON.parse(line) as { metric: Record<string, string>; values: number[] },
    );
    const jobs = exported.find(({ metric }) => metric.__name__ === 'test_jobs_total');
    assert.deepEqual([jobs?.metric.kind, jobs?.values], [HOSTILE, [3]]);
    const small = exported.find(({ metric }) => metric.sign === 'small');
    assert.deepEqual(small?.values, [-2.5e-7]);
  });
});
