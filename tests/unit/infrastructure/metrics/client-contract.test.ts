import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as client from '@prometheus-io/client';
import * as promClient from 'prom-client';
import { Counter } from '../../../../src/infrastructure/metrics/instruments/counter.ts';
import { Gauge } from '../../../../src/infrastructure/metrics/instruments/gauge.ts';
import { Histogram } from '../../../../src/infrastructure/metrics/instruments/histogram.ts';
import { MetricsRegistry } from '../../../../src/infrastructure/metrics/registry.ts';
import { renderText } from '../../../support/rendered.ts';
import { parseExposition } from '../../../support/strict-parser.ts';

const OPENMETRICS = 'application/openmetrics-text; version=1.0.0';

test('holds metrics of the client and of prom-client, and writes them correctly', async () => {
  const registry = new MetricsRegistry();
  const registers = [registry];
  client.collectDefaultMetrics({ register: registry });
  const counter = new client.Counter({
    name: 'theirs_total',
    help: 'T "q".\n',
    labelNames: ['a'],
    registers,
  });
  counter.inc({ a: 'x\\"\n' }, 2);
  const gauge = new client.Gauge({ name: 'theirs_bytes', help: 'T.', registers });
  gauge.set(NaN);
  new client.Histogram({ name: 'theirs_seconds', help: 'T.', buckets: [0.1, 1], registers }).observe(0.5);
  new client.Summary({ name: 'theirs_summary', help: 'T.', percentiles: [0.5], registers }).observe(4);
  const older = new promClient.Histogram({ name: 'older', help: 'O.', labelNames: ['a'], registers: [] });
  older.observe({ a: 'x' }, 1e9);
  registry.registerMetric(older);
  for (let round = 0; round < 2; round += 1) {
    const text = await registry.render();
    const families = parseExposition(text.body, 'text');
    assert.equal(families.get('theirs_total')?.samples[0]?.labels.get('a'), 'x\\"\n');
    assert.ok(Number.isNaN(families.get('theirs_bytes')?.samples[0]?.value));
    assert.equal(families.get('older')?.samples.at(-1)?.value, 1);
    assert.ok(families.has('nodejs_heap_size_used_bytes'));
    const open = parseExposition((await registry.render(OPENMETRICS)).body, 'openmetrics');
    assert.equal(open.get('theirs')?.samples[0]?.name, 'theirs_total');
    assert.equal(open.get('theirs_seconds')?.samples[1]?.labels.get('le'), '1.0');
    assert.equal(open.get('theirs_summary')?.samples[0]?.labels.get('quantile'), '0.5');
  }
});

test('leaves out another library’s metric whose get() fails or hangs', async () => {
  const names: string[] = [];
  const registry = new MetricsRegistry({ onCollectorError: (name) => names.push(name) });
  const registers = [registry];
  new client.Gauge({
    name: 'hangs',
    help: 'H.',
    registers,
    collect: () => new Promise<void>(() => undefined),
  });
  new client.Gauge({ name: 'fails', help: 'F.', registers, collect: () => Promise.reject(new Error('no')) });
  new client.Gauge({ name: 'works', help: 'W.', registers });
  const text = await renderText(registry, undefined, { timeLimitMs: 20 });
  assert.equal(text, '# HELP works W.\n# TYPE works gauge\nworks 0\n');
  assert.deepEqual(names, ['fails', 'hangs']);
});

test('returns JSON that the client’s cluster aggregation adds up', async () => {
  const processes = await Promise.all(
    [1, 2].map(async (value) => {
      const registry = new MetricsRegistry();
      const registers = [registry];
      const options = { help: 'Help.', labelNames: ['a'] as const, registers };
      new Counter({ name: 'c_total', ...options }).inc({ a: 'x' }, value);
      new Gauge({ name: 'g', ...options, aggregator: 'max' }).set({ a: 'x' }, value);
      new Histogram({ name: 'h', ...options, buckets: [1] }).observe({ a: 'x' }, value);
      assert.equal((await registry.getMetricsAsJSON('max')).length, 1);
      return JSON.parse(JSON.stringify(await registry.getMetricsAsJSON()));
    }),
  );
  const text = await client.Registry.aggregate(processes).metrics();
  assert.match(text, /c_total\{a="x"\} 3\n/);
  assert.match(text, /g\{a="x"\} 2\n/);
  assert.match(text, /h_bucket\{le="1",a="x"\} 1\nh_bucket\{le="\+Inf",a="x"\} 2\nh_sum\{a="x"\} 3\n/);
});

test('works as the client’s registry in everything else', async () => {
  const registry = new MetricsRegistry();
  assert.ok(registry instanceof client.Registry);
  const counter = new Counter({ name: 'c_total', help: 'C.', registers: [registry] });
  counter.inc();
  assert.equal(
    await registry.getSingleMetricAsString('c_total'),
    '# HELP c_total C.\n# TYPE c_total counter\nc_total 1',
  );
  assert.equal(registry.getSingleMetric('c_total'), counter);
  registry.setContentType(client.Registry.OPENMETRICS_CONTENT_TYPE);
  assert.match(await registry.metrics(), /^# TYPE c counter\n[\s\S]*\nc_total 1\n[\s\S]*# EOF\n$/);
  registry.resetMetrics();
  registry.setContentType(client.Registry.PROMETHEUS_CONTENT_TYPE);
  assert.match(await registry.metrics(), /c_total 0\n/);
  registry.clear();
  assert.equal(await registry.metrics(), '');
  new Gauge({ name: 'c', help: 'C.', registers: [registry] });
});

test('merges registries of any library', async () => {
  const theirs = new promClient.Registry();
  new promClient.Gauge({ name: 'theirs', help: 'T.', registers: [theirs] }).set(1);
  const ours = new MetricsRegistry();
  new Gauge({ name: 'ours', help: 'O.', registers: [ours] }).set(2);
  const merged = MetricsRegistry.merge([ours, theirs]);
  assert.match(await merged.metrics(), /ours 2\n[\s\S]*theirs 1\n/);
});
