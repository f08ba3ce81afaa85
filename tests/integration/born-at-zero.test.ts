import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { ruleGroups } from '../../src/infrastructure/telemetry/alerts.ts';
import { post } from '../support/http.ts';
import {
  type RunningServer,
  startOrchestrator,
  startRedis,
  startVictoriaMetrics,
} from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';
import { startPrometheus } from '../support/tsdb.ts';
import { until } from '../support/until.ts';

const REQUESTS = 'asdlc_http_requests_total{method="POST",endpoint="/api/tasks",status="503"}';
const QUERIES = 'asdlc_query_requests_total{endpoint="query",code="503"}';
const BURST = 30;

/** An alert's expression, with the expressions of the recording rules that it names. */
function expressionOf(alert: string): string {
  const groups = ruleGroups();
  const { expr } = groups.flatMap(({ alerts }) => alerts).find(({ name }) => name === alert) ?? assert.fail();
  return groups
    .flatMap(({ recordings }) => recordings)
    .reduce((text, { record, expr }) => text.replaceAll(record, `(${expr})`), expr);
}

/** The value of the first series of an instant query. Undefined: no series. */
async function sampleOf(url: string, query: string): Promise<number | undefined> {
  const response = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query })}`);
  const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } };
  const [first] = data.result;
  return first && Number(first.value[1]);
}

describe('a burst of failures on a fresh orchestrator', () => {
  const scope = suiteScope();
  let redis: RunningServer;
  let url: string;
  let tsdbs: RunningServer[];

  before(async () => {
    redis = await startRedis(scope);
    // Nothing listens there: queries get 503.
    url = (
      await startOrchestrator(scope, { REDIS_URL: redis.url, VICTORIAMETRICS_URL: 'http://127.0.0.1:9' })
    ).url;
    const config = `global: { scrape_interval: 2s, scrape_timeout: 2s }
scrape_configs:
  - { job_name: asdlc-orchestrator, static_configs: [{ targets: ["${new URL(url).host}"] }] }
`;
    tsdbs = [await startVictoriaMetrics(scope, config), await startPrometheus(scope, config)];
    for (const tsdb of tsdbs) {
      for (const series of [REQUESTS, QUERIES])
        await until(`${tsdb.url} has ${series} at 0`, async () => (await sampleOf(tsdb.url, series)) === 0);
    }
    await redis.stop('SIGKILL');
    const answers = await Promise.all(
      Array.from({ length: BURST }, () => [
        post(`${url}/api/tasks`, { event_type: 'echo' }),
        fetch(`${url}/api/metrics/query?query=up`),
      ]).flat(),
    );
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([503]));
  });

  it('shows in the increase of its counters', async () => {
    for (const tsdb of tsdbs) {
      for (const series of [REQUESTS, QUERIES])
        await until(`${tsdb.url} has an increase of ${series}`, async () => {
          return Number(await sampleOf(tsdb.url, `increase(${series}[5m])`)) > 1;
        });
    }
  });

  for (const alert of ['AvailabilityBudgetBurn', 'QueriesFail']) {
    it(`makes the expression of ${alert} true`, async () => {
      for (const tsdb of tsdbs)
        await until(`${alert} at ${tsdb.url}`, async () => {
          return Number(await sampleOf(tsdb.url, expressionOf(alert))) > 0.05;
        });
    });
  }
});
