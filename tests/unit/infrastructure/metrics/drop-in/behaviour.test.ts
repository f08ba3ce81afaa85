import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import * as client from '@prometheus-io/client';
import * as promClient from 'prom-client';
import {
  ClusterRegistry,
  Counter,
  collectDefaultMetrics,
  Gauge,
  Histogram,
  MetricsRegistry,
  Pushgateway,
  Registry,
  register,
  Summary,
} from '../../../../../src/infrastructure/metrics/library.ts';
import { samplesOf } from '../../../../support/rendered.ts';

const OPENMETRICS = Registry.OPENMETRICS_CONTENT_TYPE;
const help = 'Help.';
const labelNames = ['a', 'b'] as const;
const registers: [] = [];

afterEach(() => register.clear());

test('calls collect on the instrument, with its type', async () => {
  const gauge = new Gauge({
    name: 'g',
    help,
    registers,
    collect() {
      this.set(1);
    },
  });
  const labelled = new Gauge({
    name: 'l',
    help,
    labelNames: ['a'],
    registers,
    async collect() {
      this.set({ a: 'x' }, 2);
    },
  });
  const counter = new Counter({
    name: 'c_total',
    help,
    registers,
    collect() {
      this.inc(3);
    },
  });
  const histogram = new Histogram({
    name: 'h',
    help,
    registers,
    buckets: [],
    collect() {
      this.observe(4);
    },
  });
  assert.deepEqual(await samplesOf(gauge), ['g 1']);
  assert.deepEqual(await samplesOf(labelled), ['l{a="x"} 2']);
  assert.deepEqual(await samplesOf(counter), ['c_total 3']);
  assert.deepEqual(await samplesOf(histogram), ['h_bucket{le="+Inf"} 1', 'h_sum 4', 'h_count 1']);
});

test('calls the collect method of a subclass', async () => {
  class Depth extends Gauge {
    override collect() {
      this.set(5);
    }
  }
  const depth = new Depth({ name: 'depth', help, registers });
  assert.deepEqual(await samplesOf(depth), ['depth 5']);
  assert.equal((await depth.get()).values[0]?.value, 5);
  const option = new Depth({ name: 'depth', help, registers, collect: () => undefined });
  assert.deepEqual(await samplesOf(option), ['depth 0']);
});

test('takes null and undefined options as left out', async () => {
  for (const nothing of [null, undefined]) {
    const options = { labelNames: nothing, registers: nothing, aggregator: nothing, collect: nothing };
    // @ts-expect-error: the client's types have no null either
    new Counter({ name: 'c_total', help, ...options }).inc();
    // @ts-expect-error: as above
    new Histogram({ name: 'h', help, buckets: nothing, enableExemplars: nothing, ...options }).observe(1);
    assert.match(await register.metrics(), /^c_total 1\n[\s\S]*^h_count 1\n/m);
    register.clear();
  }
});

test('constructs a registry with a content type', async () => {
  const registry = new MetricsRegistry(OPENMETRICS);
  assert.equal(registry.contentType, OPENMETRICS);
  assert.equal(await registry.metrics(), '# EOF\n');
  assert.equal(new MetricsRegistry({ contentType: OPENMETRICS }).contentType, OPENMETRICS);
  assert.equal(new MetricsRegistry().contentType, Registry.PROMETHEUS_CONTENT_TYPE);
  // @ts-expect-error: no content type
  assert.throws(() => new MetricsRegistry('text/html'), /Content type text\/html is unsupported/);
});

test('keeps content type, default labels and collectors of merged registries', async () => {
  const failures: string[] = [];
  const first = new MetricsRegistry({
    contentType: OPENMETRICS,
    onCollectorError: (name) => failures.push(`first ${name}`),
  });
  const second = new MetricsRegistry({
    contentType: OPENMETRICS,
    onCollectorError: (name) => failures.push(`second ${name}`),
  });
  const theirs = new promClient.Registry();
  theirs.setContentType(OPENMETRICS as never); // its types want the registry's own content type
  first.setDefaultLabels({ zone: 'first' });
  theirs.setDefaultLabels({ zone: 'theirs' });
  const gauge = new Gauge({ name: 'ours', help, registers: [first] });
  const other = new Gauge({ name: 'other', help, registers: [second] });
  new promClient.Gauge({ name: 'foreign', help, registers: [theirs as never] }).set(3);
  first.addCollector({ name: 'same', collect: () => gauge.set(1) });
  second.addCollector({ name: 'same', collect: () => other.set(2) });
  second.addCollector({ name: 'bad', collect: () => Promise.reject(new Error('no')) });
  const merged = MetricsRegistry.merge([first, second, theirs]);
  const linesOf = async () => (await merged.metrics()).split('\n').filter((line) => !/^# [HT]/.test(line));
  assert.deepEqual(await linesOf(), [
    'ours{zone="first"} 1',
    'other 2',
    'foreign{zone="theirs"} 3',
    '# EOF',
    '',
  ]);
  assert.deepEqual(failures, ['second bad']);
  const [json] = await merged.getMetricsAsJSON();
  assert.deepEqual(json?.values, [{ value: 1, labels: { zone: 'first' } }]);
  merged.setDefaultLabels({ zone: 'merged', app: 'x' });
  assert.deepEqual((await linesOf()).slice(0, 2), [
    'ours{zone="first",app="x"} 1',
    'other{zone="merged",app="x"} 2',
  ]);
  assert.throws(
    () => MetricsRegistry.merge([first, new MetricsRegistry()]),
    /^Error: Registers can only be merged if they have the same content type$/,
  );
});

test('lets the end of a bound timer add labels, then exemplar labels', async () => {
  const options = { help, labelNames, registers };
  const histogram = new Histogram({ name: 'h', buckets: [], enableExemplars: true, ...options });
  histogram.labels({ a: 'x' }).startTimer()({ b: 'y' }, { trace_id: 't' });
  histogram.labels('x', 'y').startTimer()();
  assert.equal((await samplesOf(histogram)).at(-1), 'h_count{a="x",b="y"} 2');
  const { values } = await histogram.get();
  assert.deepEqual(values.find(({ exemplar }) => exemplar)?.exemplar?.labelSet, { trace_id: 't' });
  const gauge = new Gauge({ name: 'g', ...options });
  const seconds = gauge.labels({ a: 'x' }).startTimer()({ b: 'y' });
  assert.ok((await samplesOf(gauge)).includes(`g{a="x",b="y"} ${seconds}`));
});

test('adds 1 where the value is null or undefined', async () => {
  for (const nothing of [null, undefined] as never[]) {
    const counter = new Counter({ name: 'c', help, labelNames, registers, enableExemplars: true });
    const gauge = new Gauge({ name: 'g', help, labelNames, registers });
    counter.inc(nothing);
    counter.inc({ a: 'x' }, nothing);
    counter.inc({ labels: { a: 'x' }, value: nothing });
    counter.labels('x').inc(nothing);
    gauge.inc({ a: 'x' }, nothing);
    gauge.labels('x').inc(nothing);
    gauge.dec({ a: 'y' }, nothing);
    gauge.labels('y').dec(nothing);
    assert.deepEqual(await samplesOf(counter), ['c{a="",b=""} 1', 'c{a="x",b=""} 3']);
    assert.deepEqual(await samplesOf(gauge), ['g{a="x",b=""} 2', 'g{a="y",b=""} -2']);
  }
});

test('observes with labels that are null or undefined', async () => {
  const histogram = new Histogram({ name: 'h', help, buckets: [], registers });
  for (const nothing of [null, undefined]) histogram.observe(nothing as never, 2);
  assert.equal((await samplesOf(histogram)).at(-1), 'h_count 2');
});

test('has one default registry with the client and what is built on it', async () => {
  assert.equal(register, client.register);
  assert.ok(register instanceof MetricsRegistry);
  new Counter({ name: 'ours_total', help });
  new client.Counter({ name: 'theirs_total', help });
  new Summary({ name: 'summary', help, percentiles: [0.5] }).observe(1);
  collectDefaultMetrics();
  client.register.setDefaultLabels({ app: 'x' });
  const text = await register.metrics();
  for (const line of [
    /^ours_total\{app="x"\} 0$/m,
    /^theirs_total\{app="x"\} 0$/m,
    /^summary_count\{app="x"\} 1$/m,
    /^process_cpu_seconds_total\{app="x"\} /m,
  ]) {
    assert.match(text, line);
  }
  assert.equal(
    await client.register.getSingleMetricAsString('ours_total'),
    text.split('\n').slice(0, 3).join('\n'),
  );
  assert.equal(new Pushgateway('http://127.0.0.1:1') instanceof client.Pushgateway, true);
  assert.throws(() => new client.Gauge({ name: 'ours_total', help }), /has already been registered\.$/);
});

test('gives cluster registries the default registry, by default and by setRegistries', async () => {
  new Counter({ name: 'ours_total', help }).inc(2);
  const cluster = new ClusterRegistry();
  assert.match(await cluster.clusterMetrics(), /^ours_total 2$/m);
  const own = new MetricsRegistry();
  new Counter({ name: 'own_total', help, registers: [own] }).inc(3);
  ClusterRegistry.setRegistries([register, own]);
  const text = await cluster.clusterMetrics();
  ClusterRegistry.setRegistries(register);
  assert.match(text, /^ours_total 2$/m);
  assert.match(text, /^own_total 3$/m);
});

test('takes a last bucket of Infinity as the one that is always there', async () => {
  const histogram = new Histogram({ name: 'h', help, buckets: [1, Infinity], registers });
  histogram.observe(2);
  assert.deepEqual(await samplesOf(histogram), [
    'h_bucket{le="1"} 0',
    'h_bucket{le="+Inf"} 1',
    'h_sum 2',
    'h_count 1',
  ]);
  assert.throws(() => new Histogram({ name: 'h', help, buckets: [Infinity, 1], registers }), /ascending/);
});
