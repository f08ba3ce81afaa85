import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  checkPromql,
  checkQuerySize,
  looksAhead,
  normalizeQuery,
  restrictSelectors,
} from '../../../../src/orchestrator/query/promql.ts';

describe('checkPromql', () => {
  it('takes PromQL', () => {
    const queries = [
      'up',
      'sum by (service) (rate(asdlc_http_requests_total{status=~"5.."}[5m]))',
      'histogram_quantile(0.99, sum by (le) (rate(x_bucket[1m]))) > 0.5 or vector(0)',
      'max_over_time(deriv(rate(x[1m])[5m:15s])[10m:] offset 5m @ 1.5)',
      '{__name__=~"asdlc_.+"}',
      '1',
    ];
    for (const query of queries) checkPromql(query);
  });

  it('refuses what does not parse, and says where', () => {
    assert.throws(() => checkPromql('sum('), {
      errorType: 'bad_data',
      message: /at character 5 \(the end\)|at character 5/,
    });
    assert.throws(() => checkPromql('up{job="a"'), { errorType: 'bad_data' });
    assert.throws(() => checkPromql('up } or t'), { message: /at character 4, near "} or t"/ });
    assert.throws(() => checkPromql('  '), { message: /got an empty one/ });
  });

  it('refuses a string that ends with its line, or with the query', () => {
    for (const query of [
      '"open',
      "'open",
      '"',
      '"open\\"',
      'up == "a\n or t',
      '"a\\"\n + t # "',
      'label_join(t, "x\n, "or t or"\n, "y")',
    ]) {
      assert.throws(() => checkPromql(query), { errorType: 'bad_data' }, query);
    }
    checkPromql('label_replace(t, "a", `b\n`, \'\', "\\"")');
  });

  it('refuses more than a hundred nested parentheses, but not those in strings and comments', () => {
    const nested = (depth: number) => `${'('.repeat(depth)}up${')'.repeat(depth)}`;
    checkPromql(nested(100));
    assert.throws(() => checkPromql(nested(101)), { message: /expected at most 100 nested parentheses/ });
    checkPromql(`up{a="${'('.repeat(500)}"} # ${'('.repeat(500)}`);
  });

  it('answers the same for a query that it has seen before', () => {
    for (let i = 0; i < 2; i++) {
      checkPromql('seen_before');
      assert.throws(() => checkPromql('seen_before('), { message: /at character 12/ });
    }
  });

  it('takes 16 KiB and refuses a byte more, counting bytes and not characters', () => {
    checkQuerySize('x'.repeat(16_384));
    assert.throws(() => checkQuerySize('x'.repeat(16_385)), { message: /at most 16384 bytes; got 16385/ });
    assert.throws(() => checkQuerySize('é'.repeat(8_193)), { message: /got 16386/ });
  });
});

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

  it('leaves out comments, wherever they are', () => {
    assert.equal(restrict('t # c\rsecret'), 't{service="b"}');
    assert.equal(restrict('t # c\n{ # c\n a="#" # c\n}'), 't {service="b", a="#" }');
  });

  it('writes any value as a string of Go', () => {
    assert.equal(
      restrict('t', 'a"\\\n\u0001\ufffd\ud800☃'),
      't{service="a\\"\\\\\\n\\u0001\\ufffd\\ufffd☃"}',
    );
  });
});

describe('normalizeQuery', () => {
  it('gives one line without comments, and hides strings for a log', () => {
    const query = 'sum(\n  t{a="x  y"} # c\n)  ';
    assert.equal(normalizeQuery(query), 'sum( t{a="x  y"} )');
    assert.equal(normalizeQuery(query, { secret: true }), 'sum( t{a="?"} )');
  });
});

describe('looksAhead', () => {
  it('knows what may depend on later samples', () => {
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
