import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter } from '../../../../../src/infrastructure/metrics/instruments/counter.ts';

test('removes series that are idle for long enough', async () => {
  const counter = new Counter({
    name: 'jobs_total',
    labelNames: ['a'],
    expireAfterSeconds: 60,
    help: 'Help.',
    registers: [],
  });
  counter.inc({ a: 'idle' });
  const busy = counter.labels('busy');
  const names = () => counter.snapshot().values.map(({ labels, value }) => `${labels.a} ${value}`);
  for (const nowMs of [0, 30_000, 59_999]) {
    busy.inc();
    counter.expire(nowMs);
  }
  assert.deepEqual(names(), ['idle 1', 'busy 3']);
  counter.expire(60_000);
  assert.deepEqual(names(), ['busy 3']);
  counter.expire(119_998);
  assert.deepEqual(names(), ['busy 3']);
  counter.expire(120_000);
  assert.deepEqual(names(), []);
  busy.inc();
  assert.deepEqual(names(), ['busy 1']);
});
