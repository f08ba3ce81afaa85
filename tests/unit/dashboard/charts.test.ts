import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { timeTick, valueRange } from '../../../dashboard/src/charts/chart-options.ts';
import { seriesStyles } from '../../../dashboard/src/charts/series-style.ts';
import { currentValue, hasNoValue, summaryOf } from '../../../dashboard/src/charts/summary.ts';

describe('seriesStyles', () => {
  it('gives words with a meaning the same colour wherever they are', () => {
    const [alone] = seriesStyles(['5xx']);
    const [, beside] = seriesStyles(['something', '5xx']);
    assert.deepEqual(alone, beside);
    assert.equal(alone?.color, '--series-failure');
  });

  it('shows failed attempts in the colour of failure, each with its own dash', () => {
    const [a, b] = seriesStyles(['report failed', 'mail failed']);
    assert.deepEqual([a?.color, b?.color], ['--series-failure', '--series-failure']);
    assert.notDeepEqual(a?.dash, b?.dash);
  });

  it('tells many series apart by colour and then by dash', () => {
    const styles = seriesStyles(Array.from({ length: 18 }, (_, i) => `series ${i}`));
    assert.equal(new Set(styles.map((style) => JSON.stringify(style))).size, 18);
  });
});

describe('valueRange', () => {
  it('begins at zero with room above', () => {
    const [low, high] = valueRange(5, 10, 'requests_per_second');
    assert.equal(low, 0);
    assert.ok(high > 10);
  });

  it('has a height where all values are equal or none is known', () => {
    for (const [low, high] of [valueRange(0, 0, 'seconds'), valueRange(null, null, 'bytes')]) {
      assert.ok(high > low);
    }
  });

  it('does not make much of a tiny ratio or count', () => {
    assert.deepEqual(valueRange(0, 0, 'ratio'), [0, 0.01]);
    assert.deepEqual(valueRange(0, 1, 'count'), [0, 4]);
  });
});

describe('timeTick', () => {
  const midnight = Date.UTC(2026, 0, 31) / 1000;

  it('is as fine as the distance between ticks', () => {
    assert.equal(timeTick(midnight + 3_661, 15, true), '01:01:01');
    assert.equal(timeTick(midnight + 3_661, 900, true), '01:01');
    assert.equal(timeTick(midnight + 3_661, 86_400, true), '01-31');
  });

  it('is the date at midnight', () => assert.equal(timeTick(midnight, 3_600, true), '01-31'));
});

describe('a series in one number', () => {
  it('is its last value, also when the last scrapes are late', () => {
    assert.equal(currentValue([1, 2, null, null]), 2);
  });

  it('is none when the series has ended', () => {
    assert.equal(currentValue([1, 2, null, null, null, null]), null);
    assert.equal(currentValue([]), null);
  });

  it('is summed up over what is known', () => {
    assert.deepEqual(summaryOf([1, null, 3]), { min: 1, mean: 2, max: 3, last: 3 });
    assert.deepEqual(summaryOf([null]), { min: null, mean: null, max: null, last: null });
  });

  it('is missing where all is a gap', () => {
    assert.equal(hasNoValue([{ values: [null, null] }]), true);
    assert.equal(hasNoValue([{ values: [null, 0] }]), false);
    assert.equal(hasNoValue([]), true);
  });
});
