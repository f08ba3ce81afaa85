import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkPromql, checkQuerySize } from '../../../../src/orchestrator/query/promql.ts';

describe('checkPromql', () => {
  it('accepts PromQL', () => {
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

  it('refuses a syntax error and names its place', () => {
    assert.throws(() => checkPromql('sum('), {
      errorType: 'bad_data',
      message: /at character 5 \(the end\)|at character 5/,
    });
    assert.throws(() => checkPromql('up{job="a"'), { errorType: 'bad_data' });
    assert.throws(() => checkPromql('up } or t'), { message: /at character 4, near "} or t"/ });
    assert.throws(() => checkPromql('  '), { message: /got an empty one/ });
  });

  it('refuses a string without its closing quote', () => {
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

  it('refuses more than a hundred nested parentheses, not counting those in strings and comments', () => {
    const nested = (depth: number) => `${'('.repeat(depth)}up${')'.repeat(depth)}`;
    checkPromql(nested(100));
    assert.throws(() => checkPromql(nested(101)), { message: /expected at most 100 nested parentheses/ });
    checkPromql(`up{a="${'('.repeat(500)}"} # ${'('.repeat(500)}`);
  });

  it('gives the same result for a query that it has parsed before', () => {
    for (let i = 0; i < 2; i++) {
      checkPromql('seen_before');
      assert.throws(() => checkPromql('seen_before('), { message: /at character 12/ });
    }
  });

  it('accepts 16 KiB and refuses a byte more, counted in bytes of UTF-8', () => {
    checkQuerySize('x'.repeat(16_384));
    assert.throws(() => checkQuerySize('x'.repeat(16_385)), { message: /at most 16384 bytes; got 16385/ });
    assert.throws(() => checkQuerySize('é'.repeat(8_193)), { message: /got 16386/ });
  });
});
