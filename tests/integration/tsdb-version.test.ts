import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { describe, it } from 'node:test';
import { isOlder, readTsdbVersion } from '../../src/infrastructure/victoria-metrics/tsdb-version.ts';
import { freePort, startOrchestrator, startRedis, startVictoriaMetrics } from '../support/processes.ts';
import type { Scope } from '../support/scope.ts';
import { startPrometheus } from '../support/tsdb.ts';
import { until } from '../support/until.ts';

/** A TSDB that tells a version and nothing else. */
async function startTelling(scope: Scope, pages: Record<string, string>, port = 0): Promise<string> {
  const listener: RequestListener = ({ url = '' }, response) => {
    const page = pages[url];
    response.writeHead(page === undefined ? 404 : 200).end(page);
  };
  const server = createServer(listener).listen(port, '127.0.0.1');
  await once(server, 'listening');
  scope.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`; // a TCP server has one
}

const app = (version: string, shortVersion: string) =>
  `# TYPE x gauge\nx 1\nvm_app_version{version="${version}", short_version="${shortVersion}"} 1\ny 2\n`;

describe('the version of the TSDB', () => {
  it('is read from VictoriaMetrics, a vmselect and Prometheus, where they tell it', async (t) => {
    const read = (url: string) => readTsdbVersion(url, 5_000);
    const old = app('victoria-metrics-20220101-000000-tags-v1.70.0-0-gabc', 'v1.70.0');
    assert.deepEqual(await read(await startTelling(t, { '/metrics': old })), {
      product: 'VictoriaMetrics',
      version: '1.70.0',
    });
    const select = await startTelling(t, {
      '/metrics': app('vmselect-20250101-tags-v1.110.0-cluster', 'v1.110.0'),
    });
    assert.deepEqual(await read(`${select}/select/0/prometheus`), {
      product: 'VictoriaMetrics',
      version: '1.110.0',
    });
    const buildinfo = '{"status":"success","data":{"version":"2.24.0"}}';
    const proxy = {
      '/metrics': app('vmauth-tags-v1.70.0', 'v1.70.0'),
      '/api/v1/status/buildinfo': buildinfo,
    };
    assert.equal(await read(await startTelling(t, proxy)), undefined);
    assert.equal(await read(await startTelling(t, {})), undefined);
    assert.equal(await read(await startTelling(t, { '/api/v1/status/buildinfo': '[' })), undefined);
    await assert.rejects(read('http://127.0.0.1:1'));

    const victoriaMetrics = await startVictoriaMetrics(t);
    assert.equal((await read(victoriaMetrics.url))?.product, 'VictoriaMetrics');
    const prometheus = await read((await startPrometheus(t, '')).url);
    assert.equal(prometheus?.product, 'Prometheus');
    assert.match(prometheus.version ?? '', /^\d+\.\d+\.\d+$/);
  });

  it('is compared number by number', () => {
    assert.ok(isOlder('1.79.4', '1.79.5'));
    assert.ok(isOlder('1.9.0', '1.79.5'));
    assert.ok(!isOlder('1.79.5', '1.79.5'));
    assert.ok(!isOlder('1.110.0', '1.79.5'));
    assert.ok(!isOlder('2.0.0', '1.79.5'));
  });

  it('is warned of once when it is too old, also where the TSDB comes after the start', async (t) => {
    const redis = await startRedis(t);
    const port = await freePort();
    const orchestrator = await startOrchestrator(t, {
      REDIS_URL: redis.url,
      VICTORIAMETRICS_URL: `http://127.0.0.1:${port}`,
    });
    const warnings = () =>
      orchestrator
        .output()
        .split('\n')
        .filter((line) => line.includes('older than'))
        .map((line) => JSON.parse(line));
    assert.deepEqual(warnings(), []);
    await startTelling(t, { '/metrics': app('victoria-metrics-tags-v1.79.4', 'v1.79.4') }, port);
    const [warning] = await until('it is warned of', () => warnings().length > 0 && warnings(), 15_000);
    assert.deepEqual(
      [warning.level, warning.tsdb, warning.version, warning.supported],
      [40, 'VictoriaMetrics', '1.79.4', '1.79.5'],
    );
  });
});
