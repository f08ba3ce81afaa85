import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { PANELS } from '../../src/infrastructure/telemetry/panels.ts';
import type { PanelSeries } from '../../src/shared/http-contract/panels.ts';
import { post, request, runTask } from '../support/http.ts';
import {
  freePort,
  type RunningServer,
  startOrchestrator,
  startRedis,
  startVictoriaMetrics,
  startWorkers,
} from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';
import { startPrometheus } from '../support/tsdb.ts';
import { until } from '../support/until.ts';

const scrapeConfig = (ports: readonly number[]) => `
global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: asdlc
    static_configs: [{ targets: [${ports.map((port) => `"127.0.0.1:${port}"`).join(', ')}] }]
`;

describe('panels of a running system', () => {
  const scope = suiteScope();
  let url: string;
  /** Of an orchestrator in front of a Prometheus that scrapes the same targets. */
  let prometheusUrl: string;
  let tsdb: RunningServer;

  before(async () => {
    const redis = await startRedis(scope);
    const ports = [await freePort(), await freePort()] as const;
    tsdb = await startVictoriaMetrics(scope, scrapeConfig(ports));
    const common = {
      REDIS_URL: redis.url,
      VICTORIAMETRICS_URL: tsdb.url,
      SCRAPE_INTERVAL: '1',
      TASK_RETRY_DELAY: '0.05',
    };
    const prometheus = await startPrometheus(scope, scrapeConfig(ports));
    const [orchestrator, other] = await Promise.all([
      startOrchestrator(scope, { ...common, SERVICE_PORT: `${ports[0]}` }),
      startOrchestrator(scope, { ...common, VICTORIAMETRICS_URL: prometheus.url }),
      startWorkers(scope, { ...common, SERVICE_PORT: `${ports[1]}` }),
    ]);
    url = orchestrator.url;
    prometheusUrl = other.url;
    await runTask(url, { event_type: 'echo' });
    await runTask(url, { event_type: 'fail.once' });
    await runTask(url, { event_type: 'fail', max_attempts: 1 });
  });

  const panel = (name: string, parameters: Record<string, string> = {}, from = url) =>
    request(`${from}/api/metrics/panels/${name}?${new URLSearchParams({ range: '15m', ...parameters })}`);

  it('are listed with title, section, description, unit, headline and PromQL that runs as it is', async () => {
    const { status, body } = await request(`${url}/api/metrics/panels`);
    assert.deepEqual([status, body.status, body.data.length], [200, 'success', PANELS.length]);
    for (const { name, title, section, description, unit, headline, queries } of body.data) {
      assert.ok(name && title && section && description && unit && headline.kind, name);
      for (const { promql } of queries) {
        const form = new URLSearchParams({ query: promql });
        assert.equal((await request(`${url}/api/metrics/query?${form}`)).status, 200, promql);
      }
    }
  });

  for (const { name, queries } of PANELS) {
    it(`${name} has data for each of its queries, with both TSDBs`, async () => {
      const dataFrom = (from: string) => async () => {
        // Rates need something that moves between two scrapes.
        await runTask(url, { event_type: 'fail', max_attempts: 1 });
        await runTask(url, { event_type: 'fail.once' });
        const { status, body } = await panel(name, {}, from);
        assert.equal(status, 200, JSON.stringify(body));
        const withData = body.data.series.filter(({ values }: { values: unknown[] }) =>
          values.some((value) => value !== null),
        );
        // No task has stalled: that series begins with the first one.
        const expected = queries.filter(({ legend }) => legend !== 'stalled').length;
        return withData.length >= expected && body.data.series;
      };
      const series = await Promise.all([
        until(`${name} has data of VictoriaMetrics`, dataFrom(url)),
        until(`${name} has data of Prometheus`, dataFrom(prometheusUrl)),
      ]);
      for (const { legend, values } of series.flat()) {
        assert.notEqual(legend, '');
        assert.ok(values.every((value: unknown) => value === null || typeof value === 'number'));
      }
    });
  }

  it("return what a range query of the same PromQL returns, on the panel's times", async () => {
    const { body } = await panel('worker_slots');
    const { queries, start, end, step, times, series } = body.data;
    const form = { query: queries[0].promql, start: `${start}`, end: `${end}`, step: `${step}` };
    const range = await request(`${url}/api/metrics/query_range?${new URLSearchParams(form)}`);
    for (const { metric, values } of range.body.data.result) {
      const same = series.find(({ legend }: { legend: string }) => legend === metric.state);
      for (const [time, value] of values) assert.equal(same.values[times.indexOf(time)], Number(value));
    }
    assert.ok(times.includes(end));
  });

  it('include the newest point even if the step is long', async () => {
    const { body } = await panel('memory', { range: '7d' });
    const { times, end, step, series } = body.data;
    assert.equal(step, 3_600);
    assert.ok(times.at(-1) > Date.now() / 1000 - 300); // a twelfth of the step
    assert.ok(times.at(-1) === end || series.every((each: PanelSeries) => each.values.at(-1) !== null));
  });

  it('show one service only, if asked to', async () => {
    const { body } = await panel('memory', { service: 'asdlc-workers' });
    const services = body.data.series.map(({ labels }: { labels: { service: string } }) => labels.service);
    assert.deepEqual(services, ['asdlc-workers']);
    const none = await panel('event_loop_delay', { service: 'no-such' });
    assert.deepEqual([none.status, none.body.data.series], [200, []]);
  });

  it('return 304 while nothing has changed', async () => {
    const end = { end: String(Math.floor(Date.now() / 1000) - 120) };
    const first = await panel('redis_up', end);
    const etag = first.headers.get('etag');
    assert.ok(etag);
    const path = `/api/metrics/panels/redis_up?${new URLSearchParams({ range: '15m', ...end })}`;
    const again = await fetch(`${url}${path}`, { headers: { 'if-none-match': etag } });
    assert.equal(again.status, 304);
    const listed = await fetch(`${url}${path}`, { headers: { 'if-none-match': `"other", ${etag}` } });
    assert.equal(listed.status, 304);
    const other = await fetch(`${url}${path}`, { headers: { 'if-none-match': '"other"' } });
    assert.deepEqual([other.status, other.headers.get('content-encoding')], [200, 'gzip']);
    const plain = await fetch(`${url}${path}`, { headers: { 'accept-encoding': 'identity' } });
    assert.deepEqual([plain.headers.get('content-encoding'), plain.headers.get('etag')], [null, etag]);
    assert.deepEqual(await plain.json(), await other.json());
  });

  it('return an error again as an error, never as 304', async () => {
    const path = '/api/metrics/panels/nothing';
    for (const headers of [{}, { 'if-none-match': '*' }]) {
      const { status, headers: answered } = await request(`${url}${path}`, { headers });
      assert.deepEqual([status, answered.get('etag')], [404, null]);
    }
  });

  it('come several in one response, and at most top series of each', async () => {
    const search = new URLSearchParams({ names: 'memory,events_rate', range: '15m', top: '1' });
    const { status, body } = await request(`${url}/api/metrics/panels?${search}`);
    assert.deepEqual(
      [status, body.data.map(({ name }: { name: string }) => name)],
      [200, ['memory', 'events_rate']],
    );
    const [memory] = body.data;
    assert.deepEqual([memory.series.length, memory.folded], [2, { series: 1, idle: 0 }]);
    assert.equal(memory.series[1].legend, '1 others');
    for (const [names, expected] of [
      ['memory,nothing', 404],
      ['memory,memory', 400],
      ['', 404],
    ] as const) {
      const answer = await request(`${url}/api/metrics/panels?${new URLSearchParams({ names })}`);
      assert.equal(answer.status, expected, names);
    }
  });

  it('refuse unknown names, wrong parameters and POST', async () => {
    const unknown = await panel('nothing');
    assert.deepEqual([unknown.status, unknown.body.errorType], [404, 'not_found']);
    assert.match(unknown.body.error, /name: expected one of request_rate, .*; got "nothing"/);
    for (const bad of [
      { range: '0' },
      { width: '9' },
      { end: 'now' },
      { service: '' },
      { timeout: 'x' },
      { top: '0' },
    ]) {
      const { status, body } = await panel('cpu', bad);
      assert.deepEqual([status, body.errorType], [400, 'bad_data'], JSON.stringify(bad));
    }
    assert.equal((await post(`${url}/api/metrics/panels/cpu`, {})).status, 404);
  });

  it('return 503 without data when the TSDB is down', async () => {
    await tsdb.stop('SIGKILL');
    const { status, body, headers } = await panel('request_rate');
    assert.deepEqual([status, body.status, body.errorType], [503, 'error', 'unavailable']);
    assert.ok(headers.get('retry-after'));
    assert.equal(body.data, undefined);
  });
});
