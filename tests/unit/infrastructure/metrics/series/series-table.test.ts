import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter } from '../../../../../src/infrastructure/metrics/instruments/counter.ts';
import { Gauge } from '../../../../../src/infrastructure/metrics/instruments/gauge.ts';
import { samplesOf } from '../../../../support/rendered.ts';
import { warningsDuring } from '../../../../support/warnings.ts';

const UNREGISTERED = { help: 'Help.', registers: [] };

test('removes exactly one series, which starts from zero when its child counts again', async () => {
  const counter = new Counter({ name: 'jobs_total', labelNames: ['a', 'b'], ...UNREGISTERED });
  const child = counter.labels('1', 'x');
  child.inc(5);
  counter.inc({ a: '1', b: 'y' });
  counter.remove('1', 'x');
  counter.remove({ a: '1', b: 'unknown' });
  assert.deepEqual(await samplesOf(counter), ['jobs_total{a="1",b="y"} 1']);
  child.inc(2);
  counter.inc({ a: '1', b: 'x' });
  assert.deepEqual(await samplesOf(counter), ['jobs_total{a="1",b="x"} 3', 'jobs_total{a="1",b="y"} 1']);
});

test('keeps a stale child from writing to the series that took its slot', async () => {
  const counter = new Counter({ name: 'jobs_total', labelNames: ['a'], ...UNREGISTERED });
  const stale = counter.labels('old');
  counter.remove('old');
  counter.labels('new').inc();
  const other = counter.labels('old');
  stale.inc();
  other.inc();
  stale.inc();
  assert.deepEqual(await samplesOf(counter), ['jobs_total{a="new"} 1', 'jobs_total{a="old"} 3']);
});

test('removes the series that match some labels', async () => {
  const counter = new Counter({ name: 'jobs_total', labelNames: ['a', 'b'], ...UNREGISTERED });
  for (const a of ['1', '2']) for (const b of ['x', 'y']) counter.inc({ a, b });
  assert.equal(counter.removeMatching({ a: '1' }), 2);
  assert.equal(counter.removeMatching({ a: '2', b: 'y' }), 1);
  assert.equal(counter.removeMatching({ a: 'none' }), 0);
  assert.deepEqual(await samplesOf(counter), ['jobs_total{a="2",b="x"} 1']);
  const [warning = ''] = await warningsDuring(() => {
    for (const labels of [{ c: '1' }, {}, null, { a: '2', c: '1' }])
      assert.equal(counter.removeMatching(labels as never), 0);
    counter.remove({ a: '2', b: 'x', c: '1' } as never);
  });
  assert.match(warning, /expected some of the labels \["a", "b"\]/);
  assert.deepEqual(await samplesOf(counter), ['jobs_total{a="2",b="x"} 1']);
});

test('resets to no series, or to zero without labels; bound children still work', async () => {
  const labelled = new Counter({ name: 'jobs_total', labelNames: ['a'], ...UNREGISTERED });
  const plain = new Counter({ name: 'plain_total', ...UNREGISTERED });
  const child = labelled.labels('x');
  child.inc();
  plain.inc(3);
  labelled.reset();
  plain.reset();
  assert.deepEqual(await samplesOf(labelled), []);
  assert.deepEqual(await samplesOf(plain), ['plain_total 0']);
  child.inc();
  plain.inc();
  assert.deepEqual(await samplesOf(labelled), ['jobs_total{a="x"} 1']);
  assert.deepEqual(await samplesOf(plain), ['plain_total 1']);
});

test('counts label sets past the limit in one series, and how many there were', async () => {
  const counter = new Counter({ name: 'jobs_total', labelNames: ['a'], maxSeries: 2, ...UNREGISTERED });
  for (const a of ['1', '2', '3', '4', '1']) counter.inc({ a });
  const late = counter.labels('5');
  late.inc();
  assert.deepEqual(await samplesOf(counter), [
    'jobs_total{a="1"} 2',
    'jobs_total{a="2"} 1',
    'jobs_total{a="_overflow"} 3',
  ]);
  assert.ok(counter.table.overflowed >= 3);
  counter.removeMatching({ a: '1' });
  counter.removeMatching({ a: '2' });
  late.inc();
  assert.ok((await samplesOf(counter)).includes('jobs_total{a="5"} 1'));
});

test('keeps the values of each series, through growth, removals and new series', async () => {
  const gauge = new Gauge({ name: 'n', labelNames: ['a', 'b'], ...UNREGISTERED });
  for (let round = 0; round < 3; round += 1) {
    for (let i = 0; i < 500; i += 1) gauge.set({ a: `a${i % 7}`, b: `b${i}` }, i);
    for (let i = round; i < 500; i += 3) gauge.remove({ a: `a${i % 7}`, b: `b${i}` });
  }
  const lines = await samplesOf(gauge);
  assert.equal(lines.length, 334);
  for (const line of lines) assert.match(line, /b="b(\d+)"} \1$/);
});
