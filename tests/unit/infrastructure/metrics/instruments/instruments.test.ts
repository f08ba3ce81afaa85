import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as client from '@prometheus-io/client';
import {
  Counter,
  exponentialBuckets,
  Gauge,
  Histogram,
  Info,
  linearBuckets,
} from '../../../../../src/infrastructure/metrics/instruments/instruments.ts';
import { register } from '../../../../../src/infrastructure/metrics/registry.ts';
import { samplesOf } from '../../../../support/rendered.ts';

const UNREGISTERED = { help: 'Help.', registers: [] };

test('counts on an instrument without labels', async () => {
  const counter = new Counter({ name: 'jobs_total', ...UNREGISTERED });
  counter.inc();
  counter.inc(2.5);
  counter.inc({});
  counter.inc({}, 3);
  counter.labels().inc();
  assert.deepEqual(await samplesOf(counter), ['jobs_total 8.5']);
});

test('counts by label object, by label values and on bound children alike', async () => {
  const counter = new Counter({ name: 'jobs_total', labelNames: ['queue', 'status'], ...UNREGISTERED });
  counter.inc({ queue: 'a', status: 200 });
  counter.inc({ status: '200', queue: 'a' }, 2);
  counter.labels({ queue: 'a', status: '200' }).inc(3);
  counter.labels('a', 200).inc(4);
  assert.deepEqual(await samplesOf(counter), ['jobs_total{queue="a",status="200"} 10']);
});

test('refuses what would make a counter wrong', async () => {
  const counter = new Counter({ name: 'jobs_total', labelNames: ['a'], ...UNREGISTERED });
  for (const value of [NaN, -1, Infinity, '5', null]) {
    assert.throws(
      () => counter.inc({ a: 'x' }, value as number),
      /jobs_total: expected a finite number of 0 or more/,
    );
    assert.throws(() => counter.labels('x').inc(value as number), TypeError);
    assert.throws(() => counter.labels('x').setTotal(value as number), TypeError);
  }
  assert.deepEqual(await samplesOf(counter), ['jobs_total{a="x"} 0']);
});

test('mirrors a total that is owned elsewhere, whose fall is a restart', async () => {
  const counter = new Counter({ name: 'cpu_seconds_total', labelNames: ['a'], ...UNREGISTERED });
  counter.setTotal({ a: 'x' }, 12.5);
  counter.labels('x').setTotal(20);
  assert.deepEqual(await samplesOf(counter), ['cpu_seconds_total{a="x"} 20']);
  const createdBefore = counter.table.created[0] ?? 0;
  counter.table.created[0] = createdBefore - 100;
  counter.setTotal({ a: 'x' }, 3);
  assert.deepEqual(await samplesOf(counter), ['cpu_seconds_total{a="x"} 3']);
  assert.ok((counter.table.created[0] ?? 0) >= createdBefore);
});

test('moves a gauge up, down and to any number', async () => {
  const gauge = new Gauge({ name: 'depth', labelNames: ['q'], ...UNREGISTERED });
  gauge.set({ q: 'a' }, 5);
  gauge.inc({ q: 'a' });
  gauge.dec({ q: 'a' }, 0.5);
  gauge.labels('b').set(NaN);
  gauge.labels('c').set(-Infinity);
  const d = gauge.labels('d');
  d.inc(3);
  d.dec();
  gauge.labels('e').set(-0);
  const lines = [
    'depth{q="a"} 5.5',
    'depth{q="b"} NaN',
    'depth{q="c"} -Inf',
    'depth{q="d"} 2',
    'depth{q="e"} 0',
  ];
  assert.deepEqual(await samplesOf(gauge), lines);
  assert.throws(() => gauge.inc({ q: 'a' }, NaN), /expected a finite number; got NaN/);
  assert.throws(() => gauge.set({ q: 'a' }, '1' as never), /expected a number; got "1"/);
});

test('sets a gauge to the time, and to how long something took', async () => {
  const gauge = new Gauge({ name: 'last_seconds', labelNames: ['q', 'r'], ...UNREGISTERED });
  gauge.setToCurrentTime({ q: 'a', r: 'b' });
  assert.ok(Math.abs((gauge.table.values[0] ?? 0) - Date.now() / 1000) < 60);
  const end = gauge.startTimer({ q: 'a' });
  const seconds = end({ r: 'b' });
  assert.equal(gauge.table.values[0], seconds);
  assert.ok(seconds >= 0 && seconds < 60);
  assert.ok(gauge.labels('a', 'b').startTimer()() < 60);
});

test('counts observations in the first bucket that holds them', async () => {
  const histogram = new Histogram({ name: 'size', labelNames: ['q'], buckets: [1, 2.5], ...UNREGISTERED });
  for (const value of [-1, 1, 1.0000001, 2.5, 3]) histogram.observe({ q: 'a' }, value);
  histogram.labels('a').observe(100);
  assert.deepEqual(await samplesOf(histogram), [
    'size_bucket{q="a",le="1"} 2',
    'size_bucket{q="a",le="2.5"} 4',
    'size_bucket{q="a",le="+Inf"} 6',
    'size_sum{q="a"} 106.5000001',
    'size_count{q="a"} 6',
  ]);
  for (const value of [NaN, Infinity, undefined, '1']) {
    assert.throws(() => histogram.observe({ q: 'a' }, value as number), /size: expected a finite number/);
  }
});

test('finds the bucket among many by halving', () => {
  const buckets = linearBuckets(0, 1, 100);
  const histogram = new Histogram({ name: 'size', buckets, ...UNREGISTERED });
  for (const value of [-5, 0, 0.5, 50, 50.5, 99, 99.5]) histogram.observe(value);
  const counts = Array.from(histogram.table.values.subarray(0, 101));
  const filled = counts.flatMap((count, bucket) => (count > 0 ? [[bucket, count]] : []));
  assert.equal(JSON.stringify(filled), '[[0,2],[1,1],[50,1],[51,1],[99,1],[100,1]]');
});

test('shows a histogram with zeros before its first observation', async () => {
  const histogram = new Histogram({ name: 'size', labelNames: ['q'], buckets: [1], ...UNREGISTERED });
  histogram.observe({ q: 'b' }, 5);
  histogram.zero({ q: 'a' });
  histogram.zero({ q: 'b' });
  const lines = await samplesOf(histogram);
  assert.equal(lines.length, 8);
  assert.ok(lines.every((line) => line.endsWith(' 0')));
});

test('times with labels given at the start and at the end', async () => {
  const histogram = new Histogram({
    name: 'd_seconds',
    labelNames: ['q', 'r'],
    buckets: [60],
    ...UNREGISTERED,
  });
  const seconds = histogram.startTimer({ q: 'a' })({ r: 'b' });
  assert.ok(seconds >= 0 && seconds < 60);
  const bound = histogram.labels('a', 'b').startTimer()();
  assert.ok(bound >= 0);
  assert.ok((await samplesOf(histogram)).includes('d_seconds_count{q="a",r="b"} 2'));
  const plain = new Histogram({ name: 'e_seconds', ...UNREGISTERED });
  plain.startTimer()();
  assert.ok((await samplesOf(plain)).includes('e_seconds_count 1'));
});

test('says 1 and its labels', async () => {
  const info = new Info({ name: 'build_info', labelNames: ['version'], ...UNREGISTERED });
  info.set({ version: '1.2.3' });
  assert.deepEqual(await samplesOf(info), ['build_info{version="1.2.3"} 1']);
  assert.equal((await info.get()).type, 'gauge');
});

test('refuses names, helps, labels and buckets that are not valid', () => {
  const make = (options: object) => () => new Histogram({ name: 'a', help: 'h', registers: [], ...options });
  assert.throws(make({ name: '1a' }), /expected a metric name .* got "1a"/);
  assert.throws(make({ name: undefined }), TypeError);
  assert.throws(make({ name: 'a b\n' }), TypeError);
  assert.throws(make({ help: '' }), /expected a help text/);
  assert.throws(make({ labelNames: ['a-b'] }), /expected label names .* got "a-b"/);
  assert.throws(make({ labelNames: ['__name__'] }), /__name__ is reserved/);
  assert.throws(make({ labelNames: ['le'] }), /le is reserved/);
  assert.throws(make({ labelNames: ['a', 'a'] }), /got a twice/);
  assert.throws(make({ buckets: [2, 1] }), /ascending order/);
  assert.throws(make({ buckets: [1, 1] }), /each once/);
  assert.throws(make({ buckets: [1, Infinity] }), /without \+Inf/);
  assert.throws(make({ buckets: [NaN] }), /got NaN at position 0/);
  assert.throws(make({ maxSeries: 0 }), /expected maxSeries of 1 or more/);
  assert.throws(make({ expireAfterSeconds: 0 }), /expected expireAfterSeconds above 0/);
  assert.throws(make({ collect: 'x' }), /expected collect to be a function/);
  assert.throws(() => new Counter(undefined as never), /expected an object of options; got undefined/);
});

test('makes the bucket bounds that the client makes', () => {
  assert.deepEqual(linearBuckets(0, 50, 5), client.linearBuckets(0, 50, 5));
  assert.deepEqual(exponentialBuckets(0.001, 1.7, 20), client.exponentialBuckets(0.001, 1.7, 20));
  assert.throws(() => linearBuckets(0, 1, 0), /count of 1 or more/);
  assert.throws(() => exponentialBuckets(0, 2, 3), TypeError);
});

test('answers get() in the client’s shape, after collect', async () => {
  const gauge = new Gauge({
    name: 'depth',
    help: 'Depth.',
    labelNames: ['q'],
    registers: [],
    aggregator: 'max',
    collect(this: Gauge<'q'>) {
      this.set({ q: 'a' }, 7);
    },
  });
  const histogram = new Histogram({ name: 'h', help: 'H.', labelNames: ['q'], buckets: [1], registers: [] });
  histogram.observe({ q: 'a' }, 0.5);
  assert.deepEqual(await gauge.get(), {
    name: 'depth',
    help: 'Depth.',
    type: 'gauge',
    values: [{ value: 7, labels: { q: 'a' } }],
    aggregator: 'max',
  });
  assert.deepEqual((await histogram.get()).values, [
    { value: 1, labels: { le: 1, q: 'a' }, metricName: 'h_bucket' },
    { value: 1, labels: { le: '+Inf', q: 'a' }, metricName: 'h_bucket' },
    { value: 0.5, labels: { q: 'a' }, metricName: 'h_sum' },
    { value: 1, labels: { q: 'a' }, metricName: 'h_count' },
  ]);
});

test('goes to the default registry without registers, and to the client’s when given it', async () => {
  const counter = new Counter({ name: 'instruments_test_total', help: 'Help.' });
  assert.equal(register.getSingleMetric('instruments_test_total'), counter);
  register.removeSingleMetric('instruments_test_total');
  const theirs = new client.Registry();
  new Counter({ name: 'jobs_total', help: 'Help.', labelNames: ['a'], registers: [theirs] }).inc({ a: 'x' });
  assert.equal(
    await theirs.metrics(),
    '# HELP jobs_total Help.\n# TYPE jobs_total counter\njobs_total{a="x"} 1\n',
  );
});

test('keeps exemplars of at most 128 code points, and takes everything in one object', async () => {
  const counter = new Counter({
    name: 'jobs_total',
    labelNames: ['a'],
    enableExemplars: true,
    ...UNREGISTERED,
  });
  const labels = { trace_id: '🦊'.repeat(120) };
  counter.inc({ labels: { a: 'x' }, value: 2, exemplarLabels: labels });
  labels.trace_id = 'changed';
  counter.inc({ a: 'x' }, 3);
  const [sample] = (await counter.get()).values;
  assert.equal(sample?.value, 5);
  assert.deepEqual(sample?.exemplar?.labelSet, { trace_id: '🦊'.repeat(120) });
  assert.equal(sample?.exemplar?.value, 2);
  const tooLong = { trace_id: 'x'.repeat(121) };
  const without = new Counter({ name: 'without_total', ...UNREGISTERED });
  assert.throws(() => without.labels().inc(1, { trace_id: 'a' }), /without_total: expected enableExemplars/);
  assert.throws(() => counter.labels('x').inc(1, tooLong), /at most 128 code points in all; got 129/);
  assert.throws(
    () => counter.inc({ labels: { a: 'x' }, other: 1 } as never),
    /expected \{ labels, value, exemplarLabels \}/,
  );
  counter.inc({ a: 'x' });
  assert.equal((await counter.get()).values[0]?.value, 6);
});
