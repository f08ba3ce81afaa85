import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withEarlier } from '../../../../src/orchestrator/query/panel-comparison.ts';
import type { PanelSeries } from '../../../../src/shared/http-contract/panels.ts';

const series = (type: string, ...values: (number | null)[]): PanelSeries => ({
  legend: type,
  labels: { type },
  values,
});

describe('the series of a panel beside those of an earlier time', () => {
  it('have the earlier values of the same labels', () => {
    const shown = withEarlier(
      [series('a', 1, 2), series('b', 3, 4)],
      [series('b', 5, 6), series('a', 7, 8)],
      2,
    );
    assert.deepEqual(shown, [
      { ...series('a', 1, 2), earlier: [7, 8] },
      { ...series('b', 3, 4), earlier: [5, 6] },
    ]);
  });

  it('have gaps for a time that does not know them, and lose none', () => {
    assert.deepEqual(withEarlier([series('new', 1, 2)], [series('gone', 3, 4)], 2), [
      { ...series('new', 1, 2), earlier: [null, null] },
      { ...series('gone', null, null), earlier: [3, 4] },
    ]);
  });
});
