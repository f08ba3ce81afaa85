import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as client from '@prometheus-io/client';
import { Counter } from '../../../../../src/infrastructure/metrics/instruments/counter.ts';
import { Gauge } from '../../../../../src/infrastructure/metrics/instruments/gauge.ts';
import { Histogram } from '../../../../../src/infrastructure/metrics/instruments/histogram.ts';
import { register } from '../../../../../src/infrastructure/metrics/registry.ts';
import { warningsDuring } from '../../../../support/warnings.ts';

const UNREGISTERED = { help: 'Help.', registers: [] };

test('refuses invalid names, helps, labels and buckets', () => {
  const make = (options: object) => () => new Histogram({ name: 'a', help: 'h', registers: [], ...options });
  assert.throws(make({ name: '1a' }), /expected a metric name .* got "1a"/);
  assert.throws(make({ name: undefined }), TypeError);
  assert.throws(make({ name: 'a b\n' }), TypeError);
  assert.throws(make({ help: '' }), /expected a help text/);
  assert.throws(make({ labelNames: ['a-b'] }), /expected label names .* got "a-b"/);
  assert.throws(make({ labelNames: ['__name__'] }), /that are not reserved; got __name__/);
  assert.throws(make({ labelNames: ['le'] }), /that are not reserved; got le/);
  assert.throws(make({ labelNames: ['a', 'a'] }), /got a twice/);
  assert.throws(make({ buckets: [2, 1] }), /ascending order/);
  assert.throws(make({ buckets: [1, 1] }), /each once/);
  assert.throws(make({ buckets: [Infinity, 1] }), /\+Inf at most as the last/);
  assert.throws(make({ buckets: [NaN] }), /got NaN at position 0/);
  assert.throws(make({ maxSeries: 0 }), /expected maxSeries of 1 or more/);
  assert.throws(make({ expireAfterSeconds: 0 }), /expected expireAfterSeconds above 0/);
  assert.throws(make({ collect: 'x' }), /expected collect to be a function/);
  assert.throws(() => new Counter(undefined as never), /expected an object of options; got undefined/);
});

test('returns the client’s shape from get(), after collect', async () => {
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

test('registers with the default registry, or with the registries it is given', async () => {
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

test('keeps exemplars of at most 128 code points; without one it still counts', async () => {
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
  const other = new Counter({ name: 'other_total', enableExemplars: true, ...UNREGISTERED });
  const warnings = await warningsDuring(() => {
    without.labels().inc(1, { trace_id: 'a' });
    counter.labels('x').inc(1, tooLong);
    other.inc({ labels: {}, other: 1 } as never);
  });
  assert.match(warnings[0] ?? '', /^without_total: expected enableExemplars/);
  assert.match(warnings[1] ?? '', /at most 128 code points in all; got 129/);
  assert.match(warnings[2] ?? '', /expected \{ labels, value, exemplarLabels \}/);
  counter.inc({ a: 'x' });
  const [kept] = (await counter.get()).values;
  assert.equal(kept?.value, 7);
  assert.equal(kept?.exemplar?.value, 2);
  for (const { table } of [without, other]) assert.equal(table.values[0], 1);
});

test('creates the series of known label values at zero, on top of the limit', () => {
  const options = { name: 'jobs_total', labelNames: ['kind', 'end'] as const, maxSeries: 1, ...UNREGISTERED };
  const counter = new Counter(options);
  counter.inc({ kind: 'a', end: 'done' });
  counter.createSeries({ kind: ['a', 'b'], end: ['done', 'failed'] });
  counter.createSeries({ kind: ['a', 'b'], end: ['done', 'failed'] });
  const values = counter.snapshot().values.map(({ labels, value }) => [labels.kind, labels.end, value]);
  assert.deepEqual(values, [
    ['a', 'done', 1],
    ['a', 'failed', 0],
    ['b', 'done', 0],
    ['b', 'failed', 0],
  ]);
  counter.inc({ kind: 'c', end: 'done' });
  assert.equal(counter.table.overflowed, 1);
});

test('says which labels createSeries expects', () => {
  const counter = new Counter({ name: 'jobs_total', labelNames: ['kind'] as const, ...UNREGISTERED });
  const wrong = { kind: 'a', end: 'b' };
  assert.throws(
    () => counter.createSeries(wrong),
    /jobs_total: expected values for the labels .*kind.*; got .*end/,
  );
  assert.throws(() => counter.createSeries({} as never), /jobs_total: expected values for the labels .*kind/);
  assert.throws(() => counter.createSeries({ kind: [null] } as never), TypeError);
});
