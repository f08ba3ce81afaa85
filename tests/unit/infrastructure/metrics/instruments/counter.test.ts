import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter } from '../../../../../src/infrastructure/metrics/instruments/counter.ts';
import { samplesOf } from '../../../../support/rendered.ts';
import { warningsDuring } from '../../../../support/warnings.ts';

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

test('counts the same by label object, by label values and on a bound child', async () => {
  const counter = new Counter({ name: 'jobs_total', labelNames: ['queue', 'status'], ...UNREGISTERED });
  counter.inc({ queue: 'a', status: 200 });
  counter.inc({ status: '200', queue: 'a' }, 2);
  counter.labels({ queue: 'a', status: '200' }).inc(3);
  counter.labels('a', 200).inc(4);
  assert.deepEqual(await samplesOf(counter), ['jobs_total{queue="a",status="200"} 10']);
});

test('leaves out values that would make a counter wrong, warns once, and counts them', async () => {
  const counter = new Counter({ name: 'jobs_total', labelNames: ['a'], ...UNREGISTERED });
  const warnings = await warningsDuring(() => {
    for (const value of [NaN, -1, Infinity, '5', false]) {
      counter.inc({ a: 'x' }, value as number);
      counter.labels('x').inc(value as number);
      counter.labels('x').setTotal(value as number);
    }
  });
  assert.deepEqual(await samplesOf(counter), ['jobs_total{a="x"} 0']);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? '', /^jobs_total: expected a finite number of 0 or more, .*; got NaN;/);
  assert.equal(counter.table.misuse.count, 15);
});

test('shows a total that other code owns, and takes its fall for a restart', async () => {
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
