import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  allRun,
  ranQueries,
  rowsFor,
  withAdded,
  withDraft,
  withoutRow,
} from '../../../../dashboard/src/explore/queries/query-rows.ts';
import type { RangeResult } from '../../../../dashboard/src/explore/results/query-result.ts';
import { isStale, resultsStatus, withReport } from '../../../../dashboard/src/explore/results/row-results.ts';

const result: RangeResult = {
  kind: 'range',
  query: 'up',
  key: '',
  step: 15,
  times: [0],
  tookSeconds: 0,
  series: [{ labels: {}, values: new Map() }],
};
const error = new Error('refused');

test('a URL without queries has one empty row', () => {
  assert.deepEqual(rowsFor([], []), [{ id: 1, draft: '', ran: '' }]);
});

test('rows keep their id when the URL changes', () => {
  const rows = rowsFor(['a'], []);
  assert.deepEqual(
    rowsFor(['b', 'c'], rows).map(({ id, ran }) => [id, ran]),
    [
      [1, 'b'],
      [2, 'c'],
    ],
  );
});

test('a draft is in the URL only after a run', () => {
  const rows = withDraft(withAdded(rowsFor(['a'], [])), 2, ' b ');
  assert.deepEqual(ranQueries(rows), ['a']);
  assert.deepEqual(ranQueries(allRun(rows)), ['a', 'b']);
});

test('removing the only row leaves an empty row', () => {
  const rows = rowsFor(['a', 'b'], []);
  assert.deepEqual(ranQueries(withoutRow(rows, 1)), ['b']);
  assert.deepEqual(withoutRow(rowsFor(['a'], []), 1), [{ id: 2, draft: '', ran: '' }]);
});

test('a result stays after an error, and is stale', () => {
  const good = withReport(undefined, { data: result, error: undefined });
  assert.equal(isStale(good, 'range'), false);
  const bad = withReport(good, { data: undefined, error });
  assert.equal(bad.range, result);
  assert.equal(isStale(bad, 'range'), true);
  assert.equal(resultsStatus([bad], 'range'), 'ok');
});

test('the state of all results is the best state of any query', () => {
  const empty = withReport(undefined, { data: { ...result, series: [] }, error: undefined });
  const failed = withReport(undefined, { data: undefined, error });
  const asked = withReport(undefined, { data: undefined, error: undefined });
  assert.equal(resultsStatus([], 'range'), 'none');
  assert.equal(resultsStatus([asked, failed], 'range'), 'loading');
  assert.equal(resultsStatus([failed], 'range'), 'error');
  assert.equal(resultsStatus([empty, failed], 'range'), 'empty');
  assert.equal(resultsStatus([empty], 'instant'), 'loading');
});
