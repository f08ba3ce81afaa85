import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countOf, samplesOf, seriesOf } from '../../../../dashboard/src/explore/results/query-result.ts';
import {
  nextSort,
  type SortColumn,
  shownValue,
  sorted,
  tableOf,
} from '../../../../dashboard/src/explore/results/sample-order.ts';

const sample = (labels: Record<string, string>, value: string, time = 0) => ({ labels, value, time });
const valuesBy = (column: SortColumn, isDescending: boolean, values: readonly string[]) =>
  sorted(
    values.map((value) => sample({ le: value }, value)),
    { column, isDescending },
  ).map(({ value }) => value);

test('columns are the labels of all samples, the metric name first', () => {
  const table = tableOf([sample({ a: '1', __name__: 'up' }, '1'), sample({ b: '2' }, '1')]);
  assert.deepEqual(table, { labels: ['__name__', 'a', 'b'], hasTimes: false });
});

test('values are sorted as numbers, with NaN first and infinities at the ends', () => {
  const values = ['10', 'NaN', '9', '+Inf', '-Inf', '1e3'];
  const ascending = ['NaN', '-Inf', '9', '10', '1e3', '+Inf'];
  assert.deepEqual(valuesBy('value', false, values), ascending);
  assert.deepEqual(valuesBy('label:le', true, values), ascending.toReversed());
});

test('values have six significant digits; whole numbers and texts stay as they are', () => {
  assert.equal(shownValue('0.1412499999999999'), '0.14125');
  assert.equal(shownValue('1234.56789'), '1234.57');
  for (const value of ['19051331584', '0', '-3', '1e-9', 'NaN', '+Inf', 'text']) {
    assert.equal(shownValue(value), value);
  }
});

test('words are sorted by the size of the numbers in them', () => {
  assert.deepEqual(valuesBy('label:le', false, ['w10', 'w9', '']), ['', 'w9', 'w10']);
});

test('clicks on a head lead through both directions, and back to the order of the server', () => {
  const first = nextSort(null, 'value');
  assert.deepEqual(first, { column: 'value', isDescending: true });
  const second = nextSort(first, 'value');
  assert.deepEqual(second, { column: 'value', isDescending: false });
  assert.equal(nextSort(second, 'value'), null);
  assert.deepEqual(nextSort(second, 'label:job'), { column: 'label:job', isDescending: false });
});

test('every type of result becomes samples', () => {
  assert.deepEqual(samplesOf({ resultType: 'scalar', result: [1, '2'] }), [sample({}, '2', 1)]);
  const metric = { job: 'a' };
  const vector = samplesOf({ resultType: 'vector', result: [{ metric, value: [1, 'NaN'] }] });
  assert.deepEqual(vector, [sample(metric, 'NaN', 1)]);
  const values = [
    [1, '2'],
    [2, '3'],
  ] as const;
  const matrix = samplesOf({ resultType: 'matrix', result: [{ metric, values }] });
  assert.deepEqual(matrix, [sample(metric, '2', 1), sample(metric, '3', 2)]);
  assert.equal(tableOf(matrix).hasTimes, true);
});

test('NaN and infinities are gaps', () => {
  const values = [
    [0, 'NaN'],
    [15, '+Inf'],
    [30, '1.5'],
  ] as const;
  const series = seriesOf({ resultType: 'matrix', result: [{ metric: {}, values }] });
  assert.deepEqual(series, [{ labels: {}, values: new Map([[30, 1.5]]) }]);
  assert.equal(
    countOf({ kind: 'range', query: '', key: '', step: 15, times: [], tookSeconds: 0, series }),
    1,
  );
});
