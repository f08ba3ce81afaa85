import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { foldSeries } from '../../../../src/orchestrator/query/panel-folding.ts';
import type { PanelHeadline, PanelSeries } from '../../../../src/shared/http-contract/panels.ts';

const series = (legend: string, ...values: (number | null)[]): PanelSeries => ({
  legend,
  labels: {},
  values,
});
const fold = (kind: PanelHeadline['kind'], all: readonly PanelSeries[], top = Number.POSITIVE_INFINITY) =>
  foldSeries({ headline: { kind } }, all, top);
const legends = (shown: readonly PanelSeries[]) => shown.map(({ legend }) => legend);

describe('the series of a panel', () => {
  it('keep their order while they are few', () => {
    const few = [series('p50', 1), series('p95', 2), series('p99', 3)];
    assert.deepEqual(fold('series', few), { series: few, folded: { series: 0, idle: 0 } });
  });

  const many = [
    ...Array.from({ length: 321 }, (_, i) => series(`idle ${i}`, 0, null)),
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((rate) => series(`type ${rate}`, rate, null)),
  ];

  it('come largest first, and top folds the idle ones', () => {
    const { series: shown, folded } = fold('sum', many, 9);
    assert.deepEqual(legends(shown), [
      'type 9',
      'type 8',
      'type 7',
      'type 6',
      'type 5',
      'type 4',
      'type 3',
      'type 2',
      'type 1',
    ]);
    assert.deepEqual(folded, { series: 321, idle: 321 });
    assert.equal(fold('sum', many).series.length, 330);
  });

  it('keep the sum: what top leaves out is one series more', () => {
    const { series: shown, folded } = fold('sum', many, 2);
    assert.deepEqual(shown.at(-1), series('7 others', 28, null));
    assert.deepEqual(folded, { series: 328, idle: 321 });
  });

  it('have no sum of the others where the headline is no sum', () => {
    assert.deepEqual(legends(fold('max', many, 1).series), ['type 9']);
  });

  it('follow their values of now also beside those of an earlier time, which are added up too', () => {
    const compared = [
      { ...series('busy', 3), earlier: [1] },
      { ...series('less', 2), earlier: [9] },
      { ...series('gone', null), earlier: [4] },
      { ...series('rare', 1), earlier: [null] },
      { ...series('idle', 0), earlier: [0] },
    ];
    const { series: shown, folded } = fold('sum', compared, 1);
    assert.deepEqual(shown, [compared[0], { ...series('3 others', 3), earlier: [13] }]);
    assert.deepEqual(folded, { series: 4, idle: 1 });
  });

  it('come smallest first where the headline is a minimum, and none of them counts as idle', () => {
    const up = [series('a', 1), series('b', 1), series('c', 0), series('d', 1), series('e', 1)];
    const { series: shown, folded } = fold('min', up, 1);
    assert.deepEqual([legends(shown), folded], [['c'], { series: 4, idle: 0 }]);
  });
});
