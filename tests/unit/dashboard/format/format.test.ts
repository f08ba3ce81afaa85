import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  formatTick,
  formatValue,
  plain,
  quantity,
  unitSaidOnce,
} from '../../../../dashboard/src/format/quantity.ts';
import {
  formatAgo,
  formatDuration,
  formatIsoTime,
  formatTime,
} from '../../../../dashboard/src/format/time.ts';

describe('plain', () => {
  it('keeps about three significant digits', () => {
    const shown = [
      0, 0.0004, 0.012345, 0.5, 1.234, 9.999, 12.34, 99.96, 123.4, 1_234, 12_345, 1_234_567, 2e9,
    ];
    assert.deepEqual(shown.map(plain), [
      '0',
      '4e-4',
      '0.012',
      '0.5',
      '1.23',
      '10',
      '12.3',
      '100',
      '123',
      '1,234',
      '12.3k',
      '1.2M',
      '2G',
    ]);
  });

  it('keeps the sign', () => assert.equal(plain(-1.5), '-1.5'));
});

describe('formatValue', () => {
  it('shows seconds in the unit that suits their size', () => {
    const shown = [0, 0.000_25, 0.0048, 0.9999, 1.5, 90, 600, 9_000, 200_000];
    assert.deepEqual(
      shown.map((value) => formatValue(value, 'seconds')),
      ['0 s', '250 µs', '4.8 ms', '1 s', '1.5 s', '90 s', '10 min', '2.5 h', '2.31 d'],
    );
  });

  it('shows bytes in powers of 1,024', () => {
    const shown = [0, 512, 2_048, 190 * 1024 ** 2, 1.5 * 1024 ** 3];
    assert.deepEqual(
      shown.map((value) => formatValue(value, 'bytes')),
      ['0 B', '512 B', '2 KiB', '190 MiB', '1.5 GiB'],
    );
  });

  it('shows ratios as per cent, rates with their unit, and booleans as words', () => {
    assert.equal(formatValue(0.0123, 'ratio'), '1.23%');
    assert.equal(formatValue(4.85, 'requests_per_second'), '4.85 req/s');
    assert.equal(formatValue(1, 'boolean'), 'up');
    assert.equal(formatValue(0, 'boolean'), 'down');
  });

  it('shows an unknown value as a dash, never as zero', () => {
    for (const value of [null, undefined, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.equal(formatValue(value, 'count'), '–');
    }
    assert.deepEqual(quantity(null, 'bytes'), { number: '–', unit: '' });
  });

  it('leaves a unit off the ticks if the chart says it once', () => {
    assert.equal(formatTick(5, 'events_per_second'), '5');
    assert.equal(formatTick(0.02, 'seconds'), '20 ms');
    assert.deepEqual((['events_per_second', 'cores', 'seconds'] as const).map(unitSaidOnce), [
      '/s',
      'cores',
      '',
    ]);
  });
});

describe('durations', () => {
  it('have at most two units', () => {
    const shown = [0, 12, 184, 7_200, 442_800, 90_061];
    assert.deepEqual(shown.map(formatDuration), ['0 s', '12 s', '3 min 4 s', '2 h', '5 d 3 h', '1 d 1 h']);
  });

  it('have one unit when they say how long ago', () => {
    assert.deepEqual([0.5, 12.7, 184, 7_300].map(formatAgo), [
      'just now',
      '12 s ago',
      '3 min ago',
      '2 h ago',
    ]);
  });
});

describe('formatTime', () => {
  const seconds = Date.UTC(2026, 0, 31, 23, 59, 58) / 1000;

  it('shows a time in UTC', () => {
    assert.equal(formatTime(seconds, { isUtc: true }), '2026-01-31 23:59:58');
    assert.equal(formatTime(seconds, { isUtc: true, show: 'minutes' }), '23:59');
    assert.equal(formatIsoTime('2026-01-31T23:59:58.123Z', true), '2026-01-31 23:59:58');
  });

  it('shows a time in the local zone', () => {
    const local = new Date(seconds * 1000);
    const hours = String(local.getHours()).padStart(2, '0');
    assert.equal(formatTime(seconds, { isUtc: false, show: 'time' }).slice(0, 2), hours);
  });

  it('shows a dash for a text that is not a time', () => {
    assert.equal(formatTime(Number.NaN, { isUtc: true }), '–');
    assert.equal(formatIsoTime(null, true), '–');
  });
});
