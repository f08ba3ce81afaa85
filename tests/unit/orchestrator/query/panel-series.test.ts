import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PANELS } from '../../../../src/infrastructure/telemetry/panels.ts';
import type { QuerySample } from '../../../../src/infrastructure/victoria-metrics/query-result.ts';
import {
  emptyPanel,
  GridSeries,
  rateWindow,
  readGrid,
  timesOf,
  withWindow,
} from '../../../../src/orchestrator/query/panel-series.ts';
import { checkPromql } from '../../../../src/orchestrator/query/promql.ts';

const grid = (parameters: Record<string, string>, interval = 15, now = 1_000_000_007) =>
  readGrid(new URLSearchParams(parameters), interval, now);

describe('the grid of a panel', () => {
  it('without parameters is an hour of at most 300 points', () => {
    const expected = { start: 999_996_405, end: 1_000_000_005, step: 15, newest: undefined };
    assert.deepEqual(grid({}), expected);
  });

  it('has one more point for data after its last step', () => {
    const { end, step, newest } = grid({ range: '7d' });
    assert.deepEqual([end, step, newest], [999_997_200, 3_600, 1_000_000_005]);
    assert.deepEqual(timesOf(grid({ range: '7d' })).slice(-2), [999_997_200, 1_000_000_005]);
  });

  it('has the smallest readable step for the width, but none below the scrape interval', () => {
    const stepOf = (range: string, width: string, interval = 15) => grid({ range, width }, interval).step;
    assert.deepEqual(
      [
        stepOf('15m', '300'),
        stepOf('15m', '300', 1),
        stepOf('6h', '300'),
        stepOf('7d', '300'),
        stepOf('1y', '100'),
      ],
      [15, 5, 120, 3_600, 345_600],
    );
  });

  it('covers the range on multiples of its step, with at most three points more than the width', () => {
    const inputs = [
      fc.integer({ min: 1, max: 40_000_000 }),
      fc.integer({ min: 10, max: 2_000 }),
      fc.integer({ min: 0, max: 4_000_000_000 }),
    ] as const;
    fc.assert(
      fc.property(...inputs, (range, width, end) => {
        const {
          start,
          end: last,
          step,
          newest,
        } = grid({ range: `${range}`, width: `${width}`, end: `${end}` });
        assert.ok(timesOf({ start, end: last, step, newest }).length <= width + 3);
        assert.ok(newest === undefined || (newest > last && newest <= end && newest > end - 15));
        assert.ok(start % step === 0 && last % step === 0 && start <= end - range && last <= end);
        assert.ok(last > end - step);
      }),
    );
  });

  it('says what its parameters expect', () => {
    assert.throws(
      () => grid({ width: '9' }),
      /width: expected a whole number of points from 10 to 2000; got "9"/,
    );
    assert.throws(() => grid({ width: '1e2' }), /width: expected/);
    assert.throws(() => grid({ range: '-1h' }), /range: expected seconds or a duration/);
    assert.throws(() => grid({ end: '1700000000000' }), /end: expected Unix seconds; got 1700000000000/);
  });

  it('has rate windows of four scrapes, or of a step if that is longer', () => {
    assert.deepEqual([rateWindow(15, 15), rateWindow(3_600, 15), rateWindow(1, 5)], ['60s', '3600s', '20s']);
  });

  it('has rate windows that PromQL accepts for scrape intervals with a fraction', () => {
    for (const interval of [0.3, 0.7, 1.3]) {
      const window = rateWindow(1, interval);
      assert.equal(window, `${Math.round(interval * 4_000)}ms`);
      checkPromql(`rate(t[${window}])`);
    }
  });
});

describe('the series of a panel', () => {
  const points = [100, 110, 120, 130, 140];
  const seriesOf = (legend: string, ...answers: QuerySample[][]) => {
    const drawn = new GridSeries({ legend, promql: '' }, points, emptyPanel());
    for (const samples of answers) drawn.add(samples);
    return drawn.sorted();
  };

  it('have a value for each time, and null for gaps and values that are not finite', () => {
    const values = [
      [100, '1'],
      [120, 'NaN'],
      [130, '0.5'],
      [140, '+Inf'],
    ] as const;
    const [series] = seriesOf('p99', [{ metric: { a: 'b' }, values }]);
    assert.deepEqual(series, { legend: 'p99', labels: { a: 'b' }, values: [1, null, null, 0.5, null] });
  });

  it('have the newest point from an instant query', () => {
    const range = { metric: { a: 'b', c: 'd' }, values: [[130, '1']] as const };
    const newest = { metric: { c: 'd', a: 'b' }, value: [140, '2'] as const };
    const [series, ...more] = seriesOf('x', [range], [newest]);
    assert.deepEqual([series?.values, more], [[null, null, null, 1, 2], []]);
  });

  it('are named after their labels, and sorted by name', () => {
    const samples = ['b', 'a'].map((type) => ({ metric: { type }, values: [] }));
    const named = seriesOf('{{type}} {{absent}}', samples);
    assert.deepEqual(
      named.map(({ legend }) => legend),
      ['a', 'b'],
    );
  });

  it('have at most 200,000 values in all queries of a panel together, and the error says how many fit', () => {
    const room = emptyPanel();
    const [one, other] = [1, 2].map(() => new GridSeries({ legend: '{{i}}', promql: '' }, points, room));
    const samples = (from: number, count: number) =>
      Array.from({ length: count }, (_, i) => ({ metric: { i: `${from + i}` }, values: [] }));
    one?.add(samples(0, 30_000));
    one?.add(samples(0, 30_000)); // the newest points: the same series
    other?.add(samples(0, 10_000));
    assert.throws(() => other?.add(samples(10_000, 1)), {
      errorType: 'execution',
      message: /^panel: expected at most 40000 series of 5 points \(200000 values\); got more\./,
    });
  });
});

it('a panel shows the PromQL that the TSDB gets, with its window', () => {
  const [panel] = PANELS;
  assert.ok(panel);
  const queries = [{ legend: '', promql: 'rate(a[$window]) + rate(b[$window])' }];
  assert.equal(withWindow({ ...panel, queries }, '60s').queries[0]?.promql, 'rate(a[60s]) + rate(b[60s])');
});
