import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkEvaluationPoints } from '../../../../../src/orchestrator/query/promql/evaluation-points.ts';
import { parsePromql } from '../../../../../src/orchestrator/query/promql.ts';

function check(query: string, range = 0, step = 300): void {
  checkEvaluationPoints(parsePromql(query).topNode, { range, step }, { query });
}
const refused = (query: string, message: RegExp, range?: number, step?: number) =>
  assert.throws(() => check(query, range, step), { errorType: 'bad_data', message }, query);

describe('checkEvaluationPoints', () => {
  it('counts the points of a subquery over the range, the windows around it, and its own', () => {
    check('max_over_time(t[29999s:1s])');
    refused(
      'max_over_time(t[30000s:1s])',
      /at most 30000 points in a subquery; got 30001 in "t\[30000s:1s\]"/,
    );
    refused('max_over_time(t[30d:1ms])', /got 2592000001/);
    refused('max_over_time(t[5m:1ms])', /got 300001/);
    check('max_over_time(t[5m:1s])', 20_000);
    refused('max_over_time(t[5m:1s])', /got 31301/, 31_000);
    refused('max_over_time(max_over_time(t[4h:1s])[5h:1m])', /in "t\[4h:1s\]"/);
    check('max_over_time(t[90d:])');
    check('rate(t[90d])');
  });

  it('works out the durations of Prometheus 3', () => {
    check('max_over_time(t[(5m):step()])');
    refused('max_over_time(t[5m * 100:1s])', /got 30001/);
    refused('max_over_time(t[range():1s])', /got 40001/, 20_000);
    refused('max_over_time(t[max_of(1m, 9h):min_of(1s, 1m)])', /got 32401/);
    refused('max_over_time(t[5m:0s])', /got no number of them/);
  });

  it('bounds the points at which count_values makes a series of each value', () => {
    check('count_values("v", t)', 1_999, 1);
    refused('count_values("v", t)', /count_values at 2000 points at most.*got 2001/, 2_000, 1);
    refused('Count_Values("v", t) or count_values("v", u)', /count_values at 2000/, 1_500, 1);
    check('max_over_time(count_values("v", t)[20m:1s])');
    refused('max_over_time(count_values("v", vector(time()))[8h:1s])', /count_values at 2000/);
  });
});
