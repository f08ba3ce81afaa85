import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parserSpelling } from '../../../../../src/orchestrator/query/promql/spellings.ts';
import { checkPromql } from '../../../../../src/orchestrator/query/promql.ts';
import { restrictSelectors } from '../../../../../src/orchestrator/query/promql-rewriting.ts';
import { promql } from '../../../../support/promql-arbitrary.ts';

describe('parserSpelling', () => {
  it('makes what Prometheus and VictoriaMetrics read readable for the parser', () => {
    const queries = [
      ['2.', '2.'],
      ['t * 1.e3 > 0X3D', 't{service="b"} * 1.e3 > 0X3D'],
      ['t @ 1795616220.', 't{service="b"} @ 1795616220.'],
      ['offset', 'offset{service="b"}'],
      ['Offset{a="b"} OFFSET 5m', 'Offset{service="b",a="b"} OFFSET 5m'],
      ['sum(offset) or t + offset', 'sum(offset{service="b"}) or t{service="b"} + offset{service="b"}'],
      ['t * on (a) group_left (b) offset', 't{service="b"} * on (a) group_left (b) offset{service="b"}'],
      ['t * on (a) offset * 2.', 't{service="b"} * on (a) offset{service="b"} * 2.'],
      ['and offset 5m', 'and{service="b"} offset 5m'],
      ['holt_winters(t[5m], .5, 0.5)', 'holt_winters(t{service="b"}[5m], .5, 0.5)'],
    ] as const;
    for (const [query, restricted] of queries) {
      checkPromql(query);
      assert.equal(restrictSelectors(query, 'service', 'b'), restricted);
    }
  });

  it('leaves strings, comments and other words as they are', () => {
    for (const text of [
      '"2. 0X1 offset"',
      "'2.'",
      '`0X1`',
      't # 2. offset',
      'x2',
      'offset_total',
      'b0X1',
      '1.5',
    ]) {
      assert.equal(parserSpelling(text), text);
    }
    for (const query of ['2.or t', 't 2.', '0X', 'offset offset', 'HOLT_WINTERS(t[5m], .5, .5)']) {
      assert.throws(() => checkPromql(query), { errorType: 'bad_data' }, query);
    }
  });

  it('keeps the length of any query', () => {
    fc.assert(
      fc.property(fc.oneof(promql, fc.string({ unit: 'binary' })), (query) => {
        assert.equal(parserSpelling(query).length, query.length);
      }),
      { numRuns: 2_000, seed: 7 },
    );
  });
});
