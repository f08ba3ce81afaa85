import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { linesOf } from '../../../../dashboard/src/charts/plot/lines.ts';
import { comparisonOf, legendComparison } from '../../../../dashboard/src/charts/series/comparison.ts';
import { tooltipRows } from '../../../../dashboard/src/charts/series/series-order.ts';
import { hasNoValue } from '../../../../dashboard/src/charts/series/summary.ts';

describe('a value beside the one of an earlier time', () => {
  it('has both and the difference with its sign, each in the unit that suits it', () => {
    assert.deepEqual(comparisonOf(1.2, 0.8, 'seconds'), { earlier: '800 ms', difference: '+400 ms' });
    assert.deepEqual(comparisonOf(3, 5.5, 'count'), { earlier: '5.5', difference: '−2.5' });
    assert.deepEqual(comparisonOf(0.05, 0.02, 'ratio'), { earlier: '2%', difference: '+3%' });
  });

  it('has no difference if nobody could see one, or if one of the two is not known', () => {
    assert.equal(comparisonOf(100.001, 100, 'count').difference, '±0');
    assert.equal(comparisonOf(1, null, 'count').difference, '–');
    assert.equal(comparisonOf(undefined, 1, 'count').difference, '–');
  });

  it('is the same or changed if it is up or down', () => {
    assert.equal(comparisonOf(1, 1, 'boolean').difference, 'same');
    assert.equal(comparisonOf(0, 1, 'boolean').difference, 'changed');
  });

  it('is short in a legend', () => {
    assert.equal(legendComparison(12, 9.5, 'events_per_second'), 'was 9.5, +2.5');
    assert.equal(legendComparison(12, null, 'events_per_second'), 'was –');
  });
});

describe('the lines of a chart with a comparison', () => {
  const series = [
    { legend: 'a', color: '--series-1', values: [1, null], earlier: [2, 3] },
    { legend: 'b', color: '--series-2', dash: [6, 3], values: [4, 5] },
  ];

  it('draw earlier values below the others, in the same colour, thin and dashed', () => {
    const lines = linesOf(series);
    assert.deepEqual(
      lines.map(({ legend, color, isEarlier, values }) => [legend, color, isEarlier, values]),
      [
        ['a', '--series-1', true, [2, 3]],
        ['a', '--series-1', false, [1, null]],
        ['b', '--series-2', false, [4, 5]],
      ],
    );
    assert.deepEqual([lines[0]?.width, lines[0]?.dash, lines[2]?.dash], [1, [3, 3], [6, 3]]);
  });

  it('have a value if only the earlier time has one', () => {
    assert.equal(hasNoValue([{ values: [null], earlier: [null] }]), true);
    assert.equal(hasNoValue([{ values: [null], earlier: [0] }]), false);
  });

  it('say of rows that are left out that they are zero only if they were zero before', () => {
    const zeros = (earlier: number) =>
      Array.from({ length: 8 }, (_, i) => ({ legend: `${i}`, values: [0], earlier: [earlier] }));
    assert.equal(tooltipRows(zeros(0), 0).areZero, true);
    assert.equal(tooltipRows(zeros(1), 0).areZero, false);
  });
});
