import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isolatedPoints, valueRange } from '../../../../dashboard/src/charts/plot/chart-options.ts';
import { largestFirst, tooltipRows } from '../../../../dashboard/src/charts/series/series-order.ts';
import { lookOf, seriesStyles } from '../../../../dashboard/src/charts/series/series-style.ts';
import { currentValue, hasNoValue, summaryOf } from '../../../../dashboard/src/charts/series/summary.ts';

describe('seriesStyles', () => {
  it('gives a word with a meaning the same colour in every place', () => {
    const [alone] = seriesStyles(['5xx']);
    const [, beside] = seriesStyles(['something', '5xx']);
    assert.deepEqual(alone, beside);
    assert.equal(alone?.color, '--series-failure');
  });

  it('tells many series apart by colour and then by dash', () => {
    const names = Array.from({ length: 50 }, (_, i) => `series ${i}`);
    assert.equal(new Set(seriesStyles(names).map(lookOf)).size, 50);
    assert.equal(new Set(seriesStyles(names, 3).map(lookOf)).size, 50);
  });

  it('tells many failures apart, all in shades of failure', () => {
    const styles = seriesStyles(Array.from({ length: 24 }, (_, i) => `type.${i} failed`));
    assert.equal(new Set(styles.map(lookOf)).size, 24);
    assert.ok(styles.every(({ color }) => color.startsWith('--series-failure')));
    assert.ok(styles.every(({ dash }, i) => i === 0 || dash !== styles[i - 1]?.dash));
  });

  it('draws the sum of the others in grey', () => {
    assert.equal(seriesStyles(['a', '321 others'])[1]?.color, '--series-neutral');
  });

  it('gives no other series the look of a word with a meaning', () => {
    const styles = seriesStyles(['one', 'waiting', 'two', 'stalled', 'failed', 'one failed']);
    assert.equal(new Set(styles.map(lookOf)).size, 6);
  });
});

describe('valueRange', () => {
  it('begins at zero, with room above', () => {
    const [low, high] = valueRange(5, 10, 'requests_per_second');
    assert.equal(low, 0);
    assert.ok(high > 10);
  });

  it('is never empty: neither for equal values nor without values', () => {
    for (const [low, high] of [valueRange(0, 0, 'seconds'), valueRange(null, null, 'bytes')]) {
      assert.ok(high > low);
    }
  });

  it('puts a constant in the middle if the axis need not begin at zero', () => {
    for (const value of [1.8e9, 0, -3]) {
      const [low, high] = valueRange(value, value, 'none');
      assert.ok(Math.abs((low + high) / 2 - value) < 1 && high > low, `${value}: ${low} to ${high}`);
    }
    const [low, high] = valueRange(0.1, 0.1 + 1e-16, 'none');
    assert.ok(high - low > 0.01);
  });

  it('does not magnify a tiny ratio or count', () => {
    assert.deepEqual(valueRange(0, 0, 'ratio'), [0, 0.01]);
    assert.deepEqual(valueRange(0, 1, 'count'), [0, 4]);
  });
});

describe('a series in one number', () => {
  it('is its last value, even if the last scrapes are late', () => {
    assert.equal(currentValue([1, 2, null, null], [0, 15, 30, 45]), 2);
  });

  it('is null when the series has ended', () => {
    assert.equal(currentValue([1, 2, null, null, null, null], [0, 15, 30, 45, 60, 75]), null);
    assert.equal(currentValue([], []), null);
  });

  it('is never a value of hours ago, if points are far apart', () => {
    assert.equal(currentValue([1, 2, null], [0, 3_600, 7_000]), null);
    assert.equal(currentValue([1, 2, null], [0, 3_600, 3_800]), 2);
  });

  it('is a summary of the known values', () => {
    assert.deepEqual(summaryOf([1, null, 3]), { min: 1, mean: 2, max: 3, last: 3 });
    assert.deepEqual(summaryOf([null]), { min: null, mean: null, max: null, last: null });
  });

  it('is missing if all values are gaps', () => {
    assert.equal(hasNoValue([{ values: [null, null] }]), true);
    assert.equal(hasNoValue([{ values: [null, 0] }]), false);
    assert.equal(hasNoValue([]), true);
  });
});

describe('isolatedPoints', () => {
  it('are values without a neighbour, which no line reaches', () => {
    assert.deepEqual(isolatedPoints([1, null, 2, 3, null, 4, undefined, null, 5]), [0, 5, 8]);
    assert.deepEqual(isolatedPoints([null, null, 7]), [2]);
    assert.deepEqual(isolatedPoints([]), []);
  });
});

describe('many series', () => {
  const series = (legend: string, ...values: (number | null)[]) => ({ legend, values });
  const all = [series('idle', 0), series('small', 1), series('gone', null), series('large', 7)];

  it('are ordered by their current value in the legend; zero and ended ones come last', () => {
    const order = largestFirst(all, [0]).map(({ legend }) => legend);
    assert.deepEqual(order, ['large', 'small', 'idle', 'gone']);
  });

  it('leave zeros out of the tooltip, except for a few', () => {
    const zeros = Array.from({ length: 8 }, (_, i) => series(`zero ${i}`, 0));
    const { rows, more, areZero } = tooltipRows([...zeros, series('a', 1), series('b', 2)], 0);
    assert.deepEqual(
      rows.map(({ value }) => value),
      [2, 1, 0, 0],
    );
    assert.deepEqual([more, areZero], [6, true]);
    assert.equal(tooltipRows(all, 0).more, 0);
  });
});
