import assert from 'node:assert/strict';
import { it } from 'node:test';
import { exemplarsOf } from '../../../../src/infrastructure/victoria-metrics/query-result.ts';

const exemplar = { labels: { trace_id: 'a' }, value: '0.2', timestamp: 1_795_500_000.5 };

it('takes exemplars as Prometheus sends them, and nothing of another shape', () => {
  const series = [{ seriesLabels: { le: '1' }, exemplars: [exemplar] }];
  assert.deepEqual(exemplarsOf(series), series);
  assert.deepEqual(exemplarsOf([]), []);
  const others: object[] = [
    {},
    [null],
    [{ seriesLabels: {} }],
    [{ seriesLabels: { le: 1 }, exemplars: [] }],
    [{ seriesLabels: {}, exemplars: [{ ...exemplar, value: 0.2 }] }],
    [{ seriesLabels: {}, exemplars: [{ ...exemplar, value: '' }] }],
    [{ seriesLabels: {}, exemplars: [{ ...exemplar, timestamp: '1' }] }],
    [{ seriesLabels: {}, exemplars: [{ ...exemplar, labels: [] }] }],
  ];
  for (const other of others)
    assert.throws(() => exemplarsOf(other), { errorType: 'unavailable' }, JSON.stringify(other));
});
