import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  looksAhead,
  normalizeQuery,
  restrictSelectors,
} from '../../../../src/orchestrator/query/promql-rewriting.ts';

describe('restrictSelectors', () => {
  const restrict = (query: string, value = 'b') => restrictSelectors(query, 'service', value);

  it('adds a matcher to every selector', () => {
    const cases = [
      ['t', 't{service="b"}'],
      ['t{}', 't{service="b"}'],
      ['t{a="c",}', 't{service="b",a="c",}'],
      ['{"t"}', '{service="b","t"}'],
      ['{"a b"="c"}', '{service="b","a b"="c"}'],
      [
        't or max_over_time(u[5m:1m] offset 1m)',
        't{service="b"} or max_over_time(u{service="b"}[5m:1m] offset 1m)',
      ],
      [
        'sum by (a) (t @ 5) * on (a) group_left () u',
        'sum by (a) (t{service="b"} @ 5) * on (a) group_left () u{service="b"}',
      ],
      ['time() + 1', 'time() + 1'],
    ] as const;
    for (const [query, restricted] of cases) assert.equal(restrict(query), restricted);
  });

  it('removes comments everywhere', () => {
    assert.equal(restrict('t # c\rsecret'), 't{service="b"}');
    assert.equal(restrict('t # c\n{ # c\n a="#" # c\n}'), 't {service="b", a="#" }');
  });

  it('writes any value as a Go string', () => {
    assert.equal(
      restrict('t', 'a"\\\n\u0001\ufffd\ud800☃'),
      't{service="a\\"\\\\\\n\\u0001\\ufffd\\ufffd☃"}',
    );
  });
});

describe('normalizeQuery', () => {
  it('returns one line without comments, and hides strings for a log', () => {
    const query = 'sum(\n  t{a="x  y"} # c\n)  ';
    assert.equal(normalizeQuery(query), 'sum( t{a="x  y"} )');
    assert.equal(normalizeQuery(query, { hideStrings: true }), 'sum( t{a="?"} )');
  });
});

describe('looksAhead', () => {
  it('detects queries that may depend on later samples', () => {
    for (const query of [
      't offset -5m',
      't offset (1m - 5m)',
      't offset 5m-10m',
      't offset (-5m)',
      't @ 1',
      't @ end()',
      'sum(t @ start())',
      't smoothed',
    ]) {
      assert.equal(looksAhead(query), true, query);
    }
    for (const query of ['t', 't offset 5m', 'rate(t[5m] offset 1h30m)', '-t', 'rate(t[5m:1m] offset 300)']) {
      assert.equal(looksAhead(query), false, query);
    }
  });
});
