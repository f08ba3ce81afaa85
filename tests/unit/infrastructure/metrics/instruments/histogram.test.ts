import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linearBuckets } from '../../../../../src/infrastructure/metrics/instruments/buckets.ts';
import { Histogram } from '../../../../../src/infrastructure/metrics/instruments/histogram.ts';
import { samplesOf } from '../../../../support/rendered.ts';
import { warningsDuring } from '../../../../support/warnings.ts';

const UNREGISTERED = { help: 'Help.', registers: [] };

test('counts each observation in the first bucket that holds it', async () => {
  const histogram = new Histogram({ name: 'size', labelNames: ['q'], buckets: [1, 2.5], ...UNREGISTERED });
  for (const value of [-1, 1, 1.0000001, 2.5, 3]) histogram.observe({ q: 'a' }, value);
  histogram.labels('a').observe(100);
  const [warning = ''] = await warningsDuring(() => {
    for (const value of [NaN, Infinity, undefined, '1']) histogram.observe({ q: 'a' }, value as number);
  });
  assert.match(warning, /^size: expected a finite number; got NaN/);
  assert.deepEqual(await samplesOf(histogram), [
    'size_bucket{q="a",le="1"} 2',
    'size_bucket{q="a",le="2.5"} 4',
    'size_bucket{q="a",le="+Inf"} 6',
    'size_sum{q="a"} 106.5000001',
    'size_count{q="a"} 6',
  ]);
});

test('finds the right one of many buckets', () => {
  const buckets = linearBuckets(0, 1, 100);
  const histogram = new Histogram({ name: 'size', buckets, ...UNREGISTERED });
  for (const value of [-5, 0, 0.5, 50, 50.5, 99, 99.5]) histogram.observe(value);
  const counts = Array.from(histogram.table.values.subarray(0, 101));
  const filled = counts.flatMap((count, bucket) => (count > 0 ? [[bucket, count]] : []));
  assert.equal(JSON.stringify(filled), '[[0,2],[1,1],[50,1],[51,1],[99,1],[100,1]]');
});

test('shows zeros before the first observation', async () => {
  const histogram = new Histogram({ name: 'size', labelNames: ['q'], buckets: [1], ...UNREGISTERED });
  histogram.observe({ q: 'b' }, 5);
  histogram.zero({ q: 'a' });
  histogram.zero({ q: 'b' });
  const lines = await samplesOf(histogram);
  assert.equal(lines.length, 8);
  assert.ok(lines.every((line) => line.endsWith(' 0')));
});

test('times with labels from the start and from the end', async () => {
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
