import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unitOfQuery, unitOfResults } from '../../../../dashboard/src/explore/results/query-unit.ts';

test('a metric name gives the unit, also within functions that keep it', () => {
  const units = {
    asdlc_process_memory_bytes: 'bytes',
    'asdlc_queue_oldest_age_seconds{job="a"} offset 5m': 'seconds',
    'topk(5, asdlc_process_memory_bytes{type="rss"})': 'bytes',
    'sum by (service) (asdlc_process_memory_bytes)': 'bytes',
    'max(max_over_time(asdlc_process_memory_bytes[5m])) without (instance)': 'bytes',
    'avg(cache_hit_ratio) # of all': 'ratio',
    'histogram_quantile(0.95, sum by (le) (rate(asdlc_event_wait_seconds_bucket[5m])))': 'seconds',
    'max(histogram_quantile(0.5, size_bytes_bucket))': 'bytes',
  };
  const found = Object.fromEntries(Object.keys(units).map((query) => [query, unitOfQuery(query)]));
  assert.deepEqual(found, units);
});

test('a query of another quantity, or one that is not simple, has no unit', () => {
  for (const query of [
    'up',
    'rate(process_cpu_seconds_total[5m])',
    'process_cpu_seconds_total',
    'rate(asdlc_event_wait_seconds_sum[5m])',
    'asdlc_event_wait_seconds_bucket',
    'count(asdlc_process_memory_bytes)',
    'count_over_time(asdlc_process_memory_bytes[5m])',
    'a_bytes / b_bytes',
    'a_seconds > 3',
    'a_seconds and b_seconds',
    'time() - asdlc_worker_last_fetch_timestamp_seconds',
    'asdlc_worker_last_fetch_timestamp_seconds',
    'rate(histogram_quantile(0.5, a_seconds_bucket)[5m:1m])',
    'histogram_quantile(0.5, a_seconds)',
    'deriv(a_bytes[5m])',
    '"a_bytes"',
    '',
  ]) {
    assert.equal(unitOfQuery(query), 'none', query);
  }
});

test('a query without a metric name has the unit of the metrics in its result, if they agree', () => {
  assert.equal(unitOfQuery('{__name__=~".*_bytes"}', ['a_bytes', 'b_bytes']), 'bytes');
  assert.equal(unitOfQuery('{job="a"}', ['a_bytes', 'b_seconds']), 'none');
  assert.equal(unitOfQuery('{job="a"}', ['a_bytes', '']), 'none');
});

test('a chart of several queries has a unit if all queries with series agree', () => {
  const result = (query: string, count = 1) => {
    const series = Array.from({ length: count }, () => ({ labels: {}, values: new Map([[0, 1]]) }));
    return { kind: 'range', query, key: '', step: 15, times: [0], tookSeconds: 0, series } as const;
  };
  assert.equal(unitOfResults([result('a_bytes'), result('b_bytes')]), 'bytes');
  assert.equal(unitOfResults([result('a_bytes'), result('up', 0)]), 'bytes');
  assert.equal(unitOfResults([result('a_bytes'), result('up')]), 'none');
  assert.equal(unitOfResults([]), 'none');
});
