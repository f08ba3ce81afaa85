import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Gauge } from '../../../../../src/infrastructure/metrics/instruments/gauge.ts';
import { samplesOf } from '../../../../support/rendered.ts';
import { warningsDuring } from '../../../../support/warnings.ts';

const UNREGISTERED = { help: 'Help.', registers: [] };

test('goes up, down and to any number', async () => {
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
  const [warning = ''] = await warningsDuring(() => {
    gauge.set({ q: 'a' }, '1' as never);
    gauge.inc({ q: 'a' }, NaN);
  });
  assert.match(warning, /^depth: expected a number; got "1"/);
  assert.deepEqual(await samplesOf(gauge), lines);
});

test('can be set to the current time, and to the duration of some work', async () => {
  const gauge = new Gauge({ name: 'last_seconds', labelNames: ['q', 'r'], ...UNREGISTERED });
  gauge.setToCurrentTime({ q: 'a', r: 'b' });
  assert.ok(Math.abs((gauge.table.values[0] ?? 0) - Date.now() / 1000) < 60);
  const end = gauge.startTimer({ q: 'a' });
  const seconds = end({ r: 'b' });
  assert.equal(gauge.table.values[0], seconds);
  assert.ok(seconds >= 0 && seconds < 60);
  assert.ok(gauge.labels('a', 'b').startTimer()() < 60);
});
