import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { post, request, runTask } from '../support/http.ts';
import {
  freePort,
  REPOSITORY,
  startOrchestrator,
  startRedis,
  startVictoriaMetrics,
  startWorkers,
  temporaryFolder,
} from '../support/processes.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);
const page = await readFile(join(REPOSITORY, 'src/infrastructure/metrics/SCRAPE_CONFIG.md'), 'utf8');
const blocks = new Map(
  [...page.matchAll(/^```yaml (\S+)\n([\s\S]*?)^```$/gm)].map(([, name, yaml]) => [name, yaml ?? '']),
);
const configurations = [...blocks].filter(([, yaml]) => yaml.includes('scrape_configs:'));

function block(name: string): string {
  const yaml = blocks.get(name);
  assert.ok(yaml, `expected a block "${name}" in SCRAPE_CONFIG.md`);
  return yaml;
}

describe('the scrape configurations of SCRAPE_CONFIG.md', () => {
  it('have the documented job names, interval and time limit', () => {
    assert.deepEqual(
      [...blocks.keys()],
      ['static', 'compose', 'pod-annotations', 'kubernetes', 'vmagent', 'token'],
    );
    for (const [, yaml] of configurations) {
      const { global, scrape_configs } = parse(yaml);
      assert.deepEqual([global.scrape_interval, global.scrape_timeout], ['15s', '10s']);
      assert.ok(['asdlc-orchestrator', 'kubernetes-pods'].includes(scrape_configs[0].job_name));
    }
    assert.deepEqual(parse(block('pod-annotations')).metadata.annotations, {
      'prometheus.io/scrape': 'true',
      'prometheus.io/port': '8080',
      'prometheus.io/path': '/metrics',
    });
  });

  for (const [name, yaml] of configurations) {
    it(`${name} passes vmagent, VictoriaMetrics and promtool`, async (t) => {
      const folder = await temporaryFolder(t);
      const file = join(folder, 'scrape.yml');
      await writeFile(join(folder, 'metrics-token'), 'secret');
      const local = yaml.replaceAll('/etc/asdlc', folder);
      await writeFile(file, local);
      const dryRun = [
        `-promscrape.config=${file}`,
        '-promscrape.config.dryRun',
        '-promscrape.config.strictParse',
      ];
      await run('vmagent', [...dryRun, '-remoteWrite.url=http://127.0.0.1:1/']);
      await mkdir(join(folder, 'data'));
      await run('victoria-metrics', [
        ...dryRun,
        `-storageDataPath=${folder}/data`,
        '-httpListenAddr=127.0.0.1:0',
      ]);
      // Debian's promtool has no Kubernetes discovery. It checks everything else of that block.
      await writeFile(file, local.replace(/kubernetes_sd_configs:\n\s+- role: pod/, 'static_configs: []'));
      await run('promtool', ['check', 'config', file]);
    });
  }

  it('fail these checks when they are wrong', async (t) => {
    const file = join(await temporaryFolder(t), 'scrape.yml');
    await writeFile(file, block('static').replace('scrape_configs:', 'scrape_configurations:'));
    const arguments_ = [
      `-promscrape.config=${file}`,
      '-promscrape.config.dryRun',
      '-promscrape.config.strictParse',
    ];
    await assert.rejects(run('vmagent', [...arguments_, '-remoteWrite.url=http://127.0.0.1:1/']));
    await assert.rejects(run('promtool', ['check', 'config', file]));
  });

  it('bring the series of both services into the query API of the orchestrator', async (t) => {
    const redis = await startRedis(t);
    const workers = await startWorkers(t, { REDIS_URL: redis.url });
    const port = await freePort();
    const scraped = block('static')
      .replace('scrape_interval: 15s', 'scrape_interval: 1s')
      .replace('scrape_timeout: 10s', 'scrape_timeout: 1s')
      .replace('orchestrator:8080', `127.0.0.1:${port}`)
      .replace('workers:8081', `127.0.0.1:${workers.port}`);
    const tsdb = await startVictoriaMetrics(t, scraped);
    const { url } = await startOrchestrator(t, {
      REDIS_URL: redis.url,
      VICTORIAMETRICS_URL: tsdb.url,
      SERVICE_PORT: String(port),
    });
    await post(`${url}/api/tasks/batch`, {
      tasks: Array.from({ length: 20 }, () => ({ event_type: 'echo' })),
    });
    await runTask(url, { event_type: 'echo' });

    const range = async (query: string) => {
      const now = Date.now() / 1000;
      const parameters = new URLSearchParams({
        query,
        start: String(now - 60),
        end: String(now),
        step: '1s',
      });
      const { status, body } = await request(`${url}/api/metrics/query_range?${parameters}`);
      assert.equal(status, 200, JSON.stringify(body));
      return body.data.result as { metric: Record<string, string>; values: [number, string][] }[];
    };
    const processed = await until('the events are stored', async () => {
      const series = await range('asdlc_events_processed_total{event_type="echo",status="success"}');
      return series[0]?.values.some(([, value]) => value === '21') && series[0];
    });
    assert.deepEqual([processed.metric.job, processed.metric.service], ['asdlc-workers', 'asdlc-workers']);
    const requests = await until('the requests are stored', async () => {
      return (await range('asdlc_http_requests_total{endpoint="/api/tasks/batch"}'))[0];
    });
    assert.deepEqual([requests.metric.job, requests.metric.status], ['asdlc-orchestrator', '202']);

    const services = await until('both services are up', async () => {
      const { body } = await request(`${url}/api/metrics/services`);
      return body.data.length === 2 && body.data.every((service: { up: boolean }) => service.up) && body.data;
    });
    assert.deepEqual(
      services.map((service: { name: string }) => service.name),
      ['asdlc-orchestrator', 'asdlc-workers'],
    );
    await workers.stop();
    await until('the stopped service shows as down', async () => {
      const { body } = await request(`${url}/api/metrics/services`);
      return body.data[1].up === false && body.data[0].up === true;
    });
  });
});
