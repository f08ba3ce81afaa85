import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import * as client from '@prometheus-io/client';
import { Counter } from '../../../../src/infrastructure/metrics/instruments/counter.ts';
import type { MetricDefinition } from '../../../../src/infrastructure/metrics/instruments/definition.ts';
import { Gauge } from '../../../../src/infrastructure/metrics/instruments/gauge.ts';
import { Histogram } from '../../../../src/infrastructure/metrics/instruments/histogram.ts';
import { MetricsRegistry } from '../../../../src/infrastructure/metrics/registry.ts';
import { renderText } from '../../../support/rendered.ts';
import { parseExposition } from '../../../support/strict-parser.ts';

const OPENMETRICS = 'application/openmetrics-text; version=1.0.0';

/** A promise to be settled by the test. */
function createLatch() {
  return Promise.withResolvers<void>();
}

test('runs collectors side by side before it renders', async () => {
  const registry = new MetricsRegistry();
  const gauge = new Gauge({ name: 'g', help: 'G.', labelNames: ['by'], registers: [registry] });
  const first = createLatch();
  registry.addCollector({
    name: 'first',
    async collect() {
      await first.promise;
      gauge.set({ by: 'first' }, 1);
    },
  });
  registry.addCollector({
    name: 'second',
    collect() {
      gauge.set({ by: 'second' }, 2);
      first.resolve();
    },
  });
  assert.match(await registry.metrics(), /g\{by="second"\} 2\ng\{by="first"\} 1\n/);
});

test('serves the rest when a collector throws, rejects or is late, and reports each', async () => {
  const errors: [string, string][] = [];
  const registry = new MetricsRegistry({
    onCollectorError: (name, error) => errors.push([name, String(error)]),
  });
  new Counter({ name: 'c_total', help: 'C.', registers: [registry] }).inc();
  const hanging = createLatch();
  const signals: AbortSignal[] = [];
  registry.addCollector({
    name: 'throws',
    collect() {
      throw new Error('thrown');
    },
  });
  registry.addCollector({ name: 'rejects', collect: () => Promise.reject(new Error('rejected')) });
  registry.addCollector({
    name: 'hangs',
    collect(signal) {
      signals.push(signal);
      return hanging.promise;
    },
  });
  assert.match(await renderText(registry, undefined, { timeLimitMs: 20 }), /^c_total 1$/m);
  assert.deepEqual(errors, [
    ['throws', 'Error: thrown'],
    ['rejects', 'Error: rejected'],
    ['hangs', 'Error: expected hangs within 20 ms'],
  ]);
  assert.equal(signals[0]?.aborted, true);
  await renderText(registry, undefined, { timeLimitMs: 10 });
  assert.equal(signals.length, 1, 'a collector that still runs is not started again');
  hanging.reject(new Error('too late to matter'));
  await new Promise((resolve) => setImmediate(resolve));
  await renderText(registry, undefined, { timeLimitMs: 10 });
  assert.equal(signals.length, 2);
});

test('removes a collector, and refuses two with one name', async () => {
  const registry = new MetricsRegistry();
  const collect = mock.fn();
  const remove = registry.addCollector({ name: 'a', collect });
  assert.throws(
    () => registry.addCollector({ name: 'a', collect }),
    /expected a collector with a new name; got a again/,
  );
  await registry.metrics();
  remove();
  registry.addCollector({ name: 'a', collect() {} });
  remove();
  await registry.metrics();
  assert.equal(collect.mock.callCount(), 1);
});

test('shares one run of the collectors and one rendering between calls at the same time', async () => {
  const registry = new MetricsRegistry();
  const collect = mock.fn(async () => undefined);
  registry.addCollector({ name: 'a', collect });
  const renderings = await Promise.all(Array.from({ length: 50 }, () => registry.render('text/plain')));
  assert.equal(collect.mock.callCount(), 1);
  assert.ok(renderings.every(({ body }) => body === renderings[0]?.body));
  await Promise.all([registry.render(), registry.render(OPENMETRICS), registry.getMetricsAsJSON()]);
  assert.equal(collect.mock.callCount(), 2);
});

test('renders both formats and a selection at the same time', async () => {
  const registry = new MetricsRegistry();
  const counter = new Counter({
    name: 'c_total',
    help: 'C.',
    labelNames: ['i'],
    maxSeries: 1e5,
    registers: [registry],
  });
  const other = new Gauge({ name: 'other', help: 'O.', registers: [registry] });
  for (let round = 0; round < 3; round += 1) {
    for (let i = 0; i < 30_000; i += 1 + round) counter.inc({ i });
    other.inc();
    const [text, openMetrics, selection] = await Promise.all([
      registry.render(),
      registry.render(OPENMETRICS),
      registry.render(undefined, { names: ['c_total'] }),
    ]);
    assert.equal(parseExposition(text.body, 'text').get('c_total')?.samples.length, 30_000);
    assert.equal(parseExposition(openMetrics.body, 'openmetrics').get('c')?.samples.length, 60_000);
    assert.equal(
      `${selection.body}# HELP other O.\n# TYPE other gauge\nother ${round + 1}\n`,
      text.body.toString(),
    );
  }
});

test('renders only the families of the given names', async () => {
  const registry = new MetricsRegistry();
  const registers = [registry];
  new Counter({ name: 'a_total', help: 'A.', registers });
  new Histogram({ name: 'b', help: 'B.', registers });
  new Gauge({ name: 'c', help: 'C.', registers });
  const familiesOf = async (names: string[]) =>
    [...(await renderText(registry, undefined, { names })).matchAll(/TYPE (\S+)/g)].map(([, name]) => name);
  assert.deepEqual(await familiesOf(['c', 'a_total']), ['a_total', 'c']);
  assert.deepEqual(await familiesOf(['b_bucket']), ['b']);
  assert.deepEqual(await familiesOf(['unknown']), []);
});

test('calls an instrument’s collect under the same limit; when late, leaves it out', async () => {
  const names: string[] = [];
  const registry = new MetricsRegistry({ onCollectorError: (name) => names.push(name) });
  new Gauge({ name: 'late', help: 'L.', registers: [registry], collect: () => new Promise(() => undefined) });
  new Gauge({
    name: 'set_in_time',
    help: 'S.',
    registers: [registry],
    collect(this: Gauge) {
      this.set(5);
    },
  });
  const text = await renderText(registry, undefined, { timeLimitMs: 20 });
  assert.doesNotMatch(text, /late/);
  assert.match(text, /^set_in_time 5$/m);
  assert.deepEqual(names, ['late']);
});

const DEFINITION = {
  type: 'counter',
  name: 'made_total',
  help: 'Made.',
  labelNames: ['service'],
} as const satisfies MetricDefinition;

test('creates one instrument for a definition', async () => {
  const registry = new MetricsRegistry();
  const counter = registry.instrument(DEFINITION);
  counter.inc({ service: 'a' });
  assert.equal(registry.instrument(DEFINITION), counter);
  assert.equal(registry.instrument({ ...DEFINITION }), counter, 'an equal definition is the same one');
  assert.throws(
    () => registry.instrument({ ...DEFINITION, help: 'Other.' }),
    /expected one definition of made_total/,
  );
  // @ts-expect-error: a counter of these labels has no such label
  void (() => counter.inc({ color: 'a' }));
  const histogram = registry.instrument({
    type: 'histogram',
    name: 'h',
    help: 'H.',
    labelNames: ['a'],
    buckets: [1],
  });
  histogram.observe({ a: 'x' }, 0.5);
  registry.instrument({ type: 'info', name: 'i', help: 'I.', labelNames: ['a'] }).set({ a: 'x' });
  registry.instrument({ type: 'gauge', name: 'g', help: 'G.', labelNames: [] }).set(3);
  const text = await registry.metrics();
  for (const line of ['made_total{service="a"} 1', 'h_bucket{a="x",le="1"} 1', 'i{a="x"} 1', 'g 3']) {
    assert.ok(text.includes(`${line}\n`), line);
  }
  registry.removeSingleMetric('made_total');
  assert.notEqual(registry.instrument(DEFINITION), counter);
});

test('refuses a metric whose name another metric uses with a suffix', () => {
  const registry = new MetricsRegistry();
  const registers = [registry];
  const gauge = (name: string) => () => new Gauge({ name, help: 'G.', registers });
  new Histogram({ name: 'h', help: 'H.', registers });
  new Counter({ name: 'c_total', help: 'C.', registers });
  for (const name of ['h', 'c_total']) {
    assert.throws(
      gauge(name),
      new RegExp(`^Error: A metric with the name ${name} has already been registered\\.$`),
    );
  }
  for (const name of ['h_count', 'h_sum', 'h_bucket', 'h_created', 'c', 'c_created']) {
    assert.throws(gauge(name), new RegExp(`got ${name}, which shares ${name} with (h|c_total)`), name);
  }
  gauge('c_count')();
  assert.throws(
    () => new Histogram({ name: 'c', help: 'H.', registers }),
    /got c, which shares c with c_total/,
  );
  registry.removeSingleMetric('h');
  gauge('h_count')();
});

test('adds default labels unless a series has a label of that name', async () => {
  const registry = new MetricsRegistry();
  const registers = [registry];
  new Gauge({ name: 'a', help: 'A.', registers });
  new Gauge({ name: 'b', help: 'B.', labelNames: ['zone'], registers }).set({ zone: 'own' }, 1);
  new client.Gauge({ name: 'c', help: 'C.', registers });
  await registry.metrics();
  registry.setDefaultLabels({ zone: 'z"', app: 'x' });
  const lines = (await registry.metrics()).split('\n').filter((line) => !line.startsWith('#'));
  assert.deepEqual(lines, [
    'a{zone="z\\"",app="x"} 0',
    'b{zone="own",app="x"} 1',
    'c{zone="z\\"",app="x"} 0',
    '',
  ]);
  const [a] = await registry.getMetricsAsJSON();
  assert.deepEqual(a?.values, [{ value: 0, labels: { zone: 'z"', app: 'x' } }]);
});

test('counts series, and look-ups that got an overflow series', () => {
  const registry = new MetricsRegistry();
  const registers = [registry];
  const counter = new Counter({ name: 'c_total', help: 'C.', labelNames: ['a'], maxSeries: 1, registers });
  new Gauge({ name: 'g', help: 'G.', registers });
  for (const a of ['1', '2', '3']) counter.inc({ a });
  assert.equal(registry.seriesCount, 3);
  assert.deepEqual(registry.overflowCounts, new Map([['c_total', 2]]));
});

test('resets all metrics, although one cannot be reset and another one fails', () => {
  const failures: string[] = [];
  const registry = new MetricsRegistry({ onCollectorError: (name) => failures.push(name) });
  const read = async () => ({ values: [{ value: 1, labels: {} }] });
  const foreign = { name: 'foreign', help: 'F.', type: 'gauge', get: read };
  registry.registerMetric(foreign);
  registry.registerMetric({
    ...foreign,
    name: 'failing',
    reset() {
      throw new Error('no');
    },
  });
  const counter = new Counter({ name: 'c_total', help: 'C.', registers: [registry] });
  counter.inc(3);
  registry.resetMetrics();
  assert.equal(counter.snapshot().values[0]?.value, 0);
  assert.deepEqual(failures, ['foreign', 'failing']);
});
