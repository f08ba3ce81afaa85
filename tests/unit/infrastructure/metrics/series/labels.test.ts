import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter } from '../../../../../src/infrastructure/metrics/instruments/counter.ts';
import { Gauge } from '../../../../../src/infrastructure/metrics/instruments/gauge.ts';
import { samplesOf } from '../../../../support/rendered.ts';
import { warningsDuring } from '../../../../support/warnings.ts';

const UNREGISTERED = { help: 'Help.', registers: [] };

test('returns the same child for the same labels', () => {
  const gauge = new Gauge({ name: 'depth', labelNames: ['queue'], ...UNREGISTERED });
  assert.equal(gauge.labels('a'), gauge.labels({ queue: 'a' }));
});

test('keeps label sets apart whose joined texts are the same', async () => {
  const counter = new Counter({ name: 'jobs_total', labelNames: ['a', 'b'], ...UNREGISTERED });
  counter.inc({ a: 'x|', b: 'y' });
  counter.inc({ a: 'x', b: '|y' });
  assert.deepEqual(await samplesOf(counter), ['jobs_total{a="x|",b="y"} 1', 'jobs_total{a="x",b="|y"} 1']);
});

test('accepts label values that are names of object properties', async () => {
  const counter = new Counter({ name: 'jobs_total', labelNames: ['a'], ...UNREGISTERED });
  for (const a of ['__proto__', 'constructor', 'toString', '']) counter.inc({ a });
  assert.equal((await samplesOf(counter)).length, 4);
});

test('replaces lone surrogates, which UTF-8 cannot carry, by U+FFFD', async () => {
  const counter = new Counter({ name: 'jobs_total', labelNames: ['a'], ...UNREGISTERED });
  for (const a of ['\ud800', '\udfff', '\ufffd']) counter.inc({ a });
  assert.deepEqual(await samplesOf(counter), ['jobs_total{a="\ufffd"} 3']);
});

test('does not find a removed series, even when the last call found it', async () => {
  const counter = new Counter({ name: 'jobs_total', labelNames: ['a', 'b'], ...UNREGISTERED });
  for (const a of ['1', '2']) for (const b of ['x', 'y']) counter.inc({ a, b });
  counter.inc({ a: '1', b: 'x' });
  counter.remove({ a: '1', b: 'x' });
  counter.inc({ a: '1', b: 'x' }, 7);
  assert.ok((await samplesOf(counter)).includes('jobs_total{a="1",b="x"} 7'));
});

test('does not see later changes of a label object', async () => {
  const counter = new Counter({ name: 'jobs_total', labelNames: ['a'], ...UNREGISTERED });
  const labels = { a: 'before' };
  const child = counter.labels(labels);
  labels.a = 'after';
  child.inc();
  assert.deepEqual(await samplesOf(counter), ['jobs_total{a="before"} 1']);
});

test('does not compile with a wrong label; leaves it out, warns once, and counts the rest', async () => {
  const plain = new Counter({ name: 'plain_total', ...UNREGISTERED });
  const other = new Counter({ name: 'other_total', labelNames: ['queue', 'status'], ...UNREGISTERED });
  const warnings = await warningsDuring(() => {
    plain.inc({ queue: 'a' }); // compiles, as with prom-client
    // @ts-expect-error: color is no label
    other.inc({ queue: 'a', status: 'b', color: 'c' });
    // @ts-expect-error: a wrong label name
    other.labels({ queue: 'a', state: 'b' }).inc();
    other.labels('a', 'b', 'c').inc();
    other.labels('a').inc();
  });
  assert.deepEqual(
    warnings.map((text) => text.replace(/; the next .*/, '')),
    [
      'plain_total: unexpected label "queue"; expected []',
      'other_total: unexpected label "color"; expected ["queue", "status"]',
    ],
  );
  assert.equal(other.table.misuse.count, 3);
  assert.deepEqual(await samplesOf(plain), ['plain_total 1']);
  assert.deepEqual(await samplesOf(other), [
    'other_total{queue="a",status="b"} 2',
    'other_total{queue="a",status=""} 2',
  ]);
});

test('finds no series of another value for a missing one', async () => {
  const counter = new Counter({ name: 'jobs_total', labelNames: ['a'], ...UNREGISTERED });
  counter.remove('none');
  counter.labels('first');
  counter.inc({ a: undefined });
  assert.deepEqual(await samplesOf(counter), ['jobs_total{a="first"} 0', 'jobs_total{a=""} 1']);
});

test('takes a label that is left out, undefined or null as empty', async () => {
  const counter = new Counter({ name: 'jobs_total', labelNames: ['queue', 'status'], ...UNREGISTERED });
  counter.inc();
  counter.inc(5);
  counter.inc({ queue: 'a' });
  counter.inc({ queue: 'a', status: undefined });
  // @ts-expect-error: the client's types have no null either
  counter.inc({ status: null, queue: 'a' }, 2);
  counter.labels({ queue: 'a' }).inc();
  assert.deepEqual(await samplesOf(counter), [
    'jobs_total{queue="",status=""} 6',
    'jobs_total{queue="a",status=""} 5',
  ]);
});

test('accepts label names that are only known at run time', async () => {
  const labelNames: string[] = ['a'];
  const counter = new Counter({ name: 'jobs_total', labelNames, ...UNREGISTERED });
  counter.inc({ a: 'x' });
  assert.deepEqual(await samplesOf(counter), ['jobs_total{a="x"} 1']);
});
