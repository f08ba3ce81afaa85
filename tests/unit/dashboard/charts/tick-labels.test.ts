import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tickLabels, timeTick, utcTicks } from '../../../../dashboard/src/charts/plot/tick-labels.ts';
import type { Unit } from '../../../../dashboard/src/format/quantity.ts';

const ticks = (first: number, step: number, count = 6) =>
  Array.from({ length: count }, (_, i) => Number((first + i * step).toPrecision(15)));

describe('tickLabels', () => {
  it('are as precise as the distance between ticks needs', () => {
    assert.deepEqual(tickLabels([0, 0.5, 1], 'requests_per_second'), ['0', '0.5', '1']);
    assert.deepEqual(tickLabels([1.8e9, 1.801e9, 1.802e9], 'none'), ['1.8G', '1.801G', '1.802G']);
    assert.deepEqual(tickLabels([1_800_000_000, 1_800_000_020], 'none'), ['1,800,000,000', '1,800,000,020']);
    assert.deepEqual(tickLabels([9_000, 10_000, 11_000], 'count'), ['9k', '10k', '11k']);
    assert.deepEqual(tickLabels([-1, 0, 1], 'none'), ['-1', '0', '1']);
  });

  it('are all in one unit', () => {
    assert.deepEqual(tickLabels([0, 0.25, 0.5, 0.75], 'seconds'), ['0 ms', '250 ms', '500 ms', '750 ms']);
    assert.deepEqual(tickLabels([0, 0.5, 1], 'seconds'), ['0 s', '0.5 s', '1 s']);
    assert.deepEqual(tickLabels([0, 60, 120], 'seconds'), ['0 min', '1 min', '2 min']);
    assert.deepEqual(tickLabels([0, 2 ** 29, 2 ** 30], 'bytes'), ['0 GiB', '0.5 GiB', '1 GiB']);
    assert.deepEqual(tickLabels([0, 0.005, 0.01], 'ratio'), ['0%', '0.5%', '1%']);
    assert.deepEqual(tickLabels([0, 1], 'boolean'), ['down', 'up']);
  });

  it('differ between any two ticks, whatever the size and the distance', () => {
    const units: Unit[] = ['none', 'count', 'ratio', 'seconds', 'bytes', 'requests_per_second', 'cores'];
    for (const unit of units) {
      for (const first of [0, 1e-7, 0.1, 5, 1_234, 98_765, 1.8e9, 3.2e12]) {
        for (const digit of [1, 2, 2.5, 5]) {
          for (let power = -9; power < 12; power++) {
            const step = digit * 10 ** power;
            if (step < first * 1e-12) continue; // a double cannot tell them apart
            const labels = tickLabels(ticks(first, step), unit);
            assert.equal(new Set(labels).size, labels.length, `${unit} ${first} + ${step}: ${labels}`);
          }
        }
      }
    }
  });
});

describe('timeTick', () => {
  const midnight = Date.UTC(2026, 0, 31) / 1000;

  it('is as precise as the distance between ticks needs', () => {
    assert.equal(timeTick(midnight + 3_661, 15, true), '01:01:01');
    assert.equal(timeTick(midnight + 3_661, 900, true), '01:01');
    assert.equal(timeTick(midnight + 3_661, 86_400, true), '01-31');
  });

  it('is the date at midnight', () => assert.equal(timeTick(midnight, 3_600, true), '01-31'));
});

describe('utcTicks', () => {
  const hour = 3_600;

  it('are at even times in UTC, even in a week in which other zones change their clocks', () => {
    const start = Date.UTC(2026, 2, 26, 5, 30) / 1000;
    const shown = utcTicks(start, start + 6 * 86_400, 12 * hour).map((tick) =>
      new Date(tick * 1000).getUTCHours(),
    );
    assert.deepEqual(shown, [12, 0, 12, 0, 12, 0, 12, 0, 12, 0, 12, 0]);
  });

  it('are at the first of a month if the axis spans a year', () => {
    const [start, end] = [Date.UTC(2025, 10, 25), Date.UTC(2026, 10, 25)].map((ms) => ms / 1000);
    const shown = utcTicks(start ?? 0, end ?? 0, 60 * 86_400).map((tick) =>
      new Date(tick * 1000).toISOString(),
    );
    assert.deepEqual(
      shown.map((text) => text.slice(0, 10)),
      ['2026-01-01', '2026-03-01', '2026-05-01', '2026-07-01', '2026-09-01', '2026-11-01'],
    );
  });
});
