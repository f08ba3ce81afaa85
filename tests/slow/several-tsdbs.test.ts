import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { parse, stringify } from 'yaml';
import { request } from '../support/http.ts';
import { readPage } from '../support/pages.ts';
import {
  type RunningServer,
  startOrchestrator,
  startRedis,
  startVictoriaMetrics,
  startWorkers,
} from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';
import { startPrometheus } from '../support/tsdb.ts';
import { until } from '../support/until.ts';

/** The YAML of docs/scaling.md that has this name, with the addresses of this test in the place of the page's. */
function documented(name: string, addresses: Readonly<Record<string, string>>): Record<string, object> {
  const [, yaml] =
    new RegExp(`\`\`\`yaml ${name}\\n([\\s\\S]*?)\`\`\``).exec(readPage('docs/scaling.md')) ?? [];
  assert.ok(yaml, `expected a block ${name}`);
  const text = Object.entries(addresses).reduce((all, [from, to]) => all.replaceAll(from, to), yaml);
  const config = parse(text);
  return { ...config, global: { ...config.global, scrape_interval: '1s', scrape_timeout: '1s' } };
}

const hostOf = ({ port }: RunningServer) => `127.0.0.1:${port}`;

describe('several Prometheus servers, each of which scrapes a part', () => {
  const scope = suiteScope();
  let redis: RunningServer;
  let tsdb: RunningServer;
  let addresses: Record<string, string>;

  before(async () => {
    [redis, tsdb] = await Promise.all([startRedis(scope), startVictoriaMetrics(scope)]);
    const env = { REDIS_URL: redis.url };
    const services = [await startOrchestrator(scope, env), await startWorkers(scope, env)];
    const shards = services.map((service, i) => {
      const config = documented('shard', {
        'workers-1:8081': hostOf(service),
        'victoria-metrics:8428': hostOf(tsdb),
        'shard: a': `shard: ${'ab'[i]}`,
      });
      return startPrometheus(scope, stringify(config));
    });
    const [a, b] = (await Promise.all(shards)) as [RunningServer, RunningServer];
    addresses = { 'prometheus-a:9090': hostOf(a), 'prometheus-b:9090': hostOf(b) };
  });

  const starts = {
    'written to one VictoriaMetrics': async () => tsdb,
    'read together by one Prometheus': async () =>
      startPrometheus(scope, stringify(documented('remote-read', addresses))),
    'federated into one Prometheus': async () =>
      startPrometheus(scope, stringify(documented('federation', addresses))),
  };
  for (const [name, start] of Object.entries(starts)) {
    it(`are one system to the query API: ${name}`, async (t) => {
      const { url: upstream } = await start();
      const { url } = await startOrchestrator(t, { REDIS_URL: redis.url, VICTORIAMETRICS_URL: upstream });
      const query = new URLSearchParams({ query: 'count by (service, shard) (asdlc_build_info)' });
      const services = await until(
        'both shards have data',
        async () => {
          await fetch(`${tsdb.url}/internal/force_flush`);
          const { body } = await request(`${url}/api/metrics/query?${query}`);
          const found = body.data?.result.map(({ metric }: { metric: Record<string, string> }) => metric);
          return found?.length === 2 && found;
        },
        30_000,
      );
      const shown = services.map(({ service, shard }: Record<string, string>) => `${shard}: ${service}`);
      assert.deepEqual(shown.sort(), ['a: asdlc-orchestrator', 'b: asdlc-workers']);
    });
  }
});
