import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkPromql, checkQuerySize } from '../../../../src/infrastructure/victoria-metrics/promql.ts';

describe('checkPromql', () => {
  it('takes PromQL', () => {
    const queries = [
      'up',
      'sum by (service) (rate(asdlc_http_requests_total{status=~"5.."}[5m]))',
      'histogram_quantile(0.99, sum by (le) (rate(x_bucket[1m]))) > 0.5 or vector(0)',
      'max_over_time(deriv(rate(x[1m])[5m:15s])[10m:]) offset 5m @ 1.5',
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
    assert.throws(() => checkPromql('  '), { message: /given an empty one/ });
  });

  it('takes 16 KiB and refuses a byte more, counting bytes and not characters', () => {
    checkQuerySize('x'.repeat(16_384));
    assert.throws(() => checkQuerySize('x'.repeat(16_385)), { message: /at most 16384 bytes; given 16385/ });
    assert.throws(() => checkQuerySize('é'.repeat(8_193)), { message: /given 16386/ });
  });
});
