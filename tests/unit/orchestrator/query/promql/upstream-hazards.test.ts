import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkPromql, checkSelector } from '../../../../../src/orchestrator/query/promql.ts';
import { VICTORIA_METRICS_KILLERS } from '../../../../support/tsdb-killers.ts';

describe('checkHazards', () => {
  it('refuses each query that is known to end VictoriaMetrics 1.79.5', () => {
    for (const [query] of VICTORIA_METRICS_KILLERS) {
      assert.throws(() => checkPromql(query), { errorType: 'bad_data', statusCode: 400 }, query);
    }
  });

  it('says what was expected and what came', () => {
    const cases: [query: string, message: string][] = [
      ['up[0x10]', 'query: expected a duration such as 5m, or decimal seconds; got 0x10'],
      ['up[Inf]', 'query: expected a duration such as 5m, or decimal seconds; got Inf'],
      ['up[293y]', 'query: expected a duration of at most 292 years; got 293y'],
      ['up offset 1e10', 'query: expected a duration of at most 292 years; got 1e10'],
      ['293y * up', 'query: expected a duration of at most 292 years; got 293y'],
      ['up[10m-5m]', 'query: expected a space before the - between durations; got 10m-5m'],
      ['up @ NaN', 'query: expected a time in seconds after @; got NaN'],
      ['up @ -1e13', 'query: expected a time in seconds after @; got -1e13'],
      [
        'min{} and up',
        'query: expected a matcher beside the name min before and, as min{job!=""}; got the name of an aggregation alone',
      ],
      [
        'up + {__name__="on"}',
        'query: expected no metric with the name of a modifier beside an operator; got on',
      ],
      [
        '1 + {__name__="inf",a="b"}',
        'query: expected no metric with the name of a number beside operators; got inf',
      ],
      ['-{__name__=""}', 'query: expected a matcher that is not empty; got {__name__=""}'],
    ];
    for (const [query, message] of cases) assert.throws(() => checkPromql(query), { message }, query);
  });

  it('takes what only looks like it', () => {
    const queries = [
      'up[292y]',
      'up[5m - 1m]',
      'up offset -5m',
      'up offset 5m - 10m',
      '0x10 + up',
      '0xffffffffffffffff + up',
      'up @ 0x10',
      'up @ 9e12',
      'up{a="[0x10]"}[5m] # [0x10]',
      'min',
      'min + up',
      'min{job!=""} and up',
      'up and min',
      'min{} offset 5m and up',
      'sum(min) and up',
      'rate(min[5m]) or up',
      '(up + min) and up',
      '{__name__="bool"}',
      'sum({__name__="on"}) + 1',
      '{__name__="inf"}',
      '{__name__="",a="b"} + 1',
    ];
    for (const query of queries) checkPromql(query);
  });

  it('holds for selectors too', () => {
    checkSelector('min{}', 'match[]');
    checkSelector('up # comment', 'match[]');
    assert.throws(() => checkSelector('up[0x10]', 'match[]'), { message: /^match\[\]: expected a duration/ });
    assert.throws(() => checkSelector('min{} and up', 'match[]'), { errorType: 'bad_data' });
  });
});
