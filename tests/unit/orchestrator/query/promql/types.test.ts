import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { FUNCTIONS } from '../../../../../src/orchestrator/query/promql/functions.ts';
import { checkPromql } from '../../../../../src/orchestrator/query/promql.ts';

const grammar = readFileSync(
  join(
    dirname(createRequire(import.meta.url).resolve('@prometheus-io/lezer-promql')),
    '../src/promql.grammar',
  ),
  'utf8',
);

describe('checkTypes', () => {
  it('knows the types of every function of the grammar', () => {
    const names = [...grammar.matchAll(/condFn<"(\w+)">/g)].map((match) => match[1] ?? '');
    assert.ok(names.length > 80, `${names.length}`);
    const unknown = names.filter((name) => !FUNCTIONS.has(name) && !['min_of', 'max_of'].includes(name));
    assert.deepEqual(unknown, []);
  });

  it('says what is wrong, and where', () => {
    const cases: [query: string, message: string][] = [
      [
        'rate(up)',
        'a range vector in the call of rate; got an instant vector, at character 1, near "rate(up)"',
      ],
      ['sum(up[5m])', 'an instant vector in the call of sum; got a range vector, at character 1'],
      ['1 + rate(up)', 'a range vector in the call of rate; got an instant vector, at character 5'],
      ['topk(up)', '2 arguments in the call of topk; got 1'],
      ['sum(up, up)', '1 argument in the call of sum; got 2'],
      ['topk("a", up)', 'a scalar as the parameter of topk; got a string'],
      ['count_values(1, up)', 'a string as the parameter of count_values; got a scalar'],
      ['round(up, 1, 2)', '1 to 2 arguments in the call of round; got 3'],
      ['label_join(up, "a")', 'at least 3 arguments in the call of label_join; got 2'],
      ['time(1)', '0 arguments in the call of time; got 1'],
      ['scalar(1)', 'an instant vector in the call of scalar; got a scalar'],
      ['up[5m] + 1', 'scalars and instant vectors beside an operator; got a range vector'],
      ['"a" + 1', 'scalars and instant vectors beside an operator; got a string'],
      ['1 == # c\n 2', 'bool after a comparison of scalars; got none'],
      ['up + bool up', 'bool after a comparison only; got it after another operator'],
      ['up and 1', 'instant vectors beside and, or, unless; got a scalar'],
      ['up * on (a) 1', 'instant vectors beside an operator with on or ignoring; got a scalar'],
      ['up and on (a) group_left up', 'no group_left and group_right after and, or, unless; got one'],
      ['-"a"', 'a scalar or an instant vector after a sign; got a string'],
      [
        'up[5m][5m]',
        'a selector before a range; a subquery has a colon, as in [5m:]; got another expression',
      ],
      ['rate(up[5m])[5m]', 'a selector before a range'],
      ['up[5m][5m:]', 'an instant vector in a subquery; got a range vector'],
      ['1[5m:]', 'an instant vector in a subquery; got a scalar'],
      ['(up) offset 5m', 'a selector or a subquery before offset and @; got another expression'],
      ['up offset 5m offset 5m', 'offset and @ once after a selector; got one of them twice'],
    ];
    for (const [query, message] of cases) {
      const shown = (error: Error) => error.message.startsWith(`query: expected ${message}`);
      assert.throws(() => checkPromql(query), shown, query);
    }
  });

  it('hangs a suffix on the operand before it, not on all that the parser does', () => {
    const queries = [
      'a + b offset 5m',
      '-a offset 5m',
      '1 + a[5m:1m] offset 5m > bool 2'.replace('a[5m:1m] offset 5m', 'sum_over_time(a[5m:1m] offset 5m)'),
      'a and b @ end() or c offset 1m',
      'sum(a) / 2 ^ b @ 5',
      'a == bool b offset 1m',
      'sum_over_time((a + b offset 5m)[5m:])',
    ];
    for (const query of queries) checkPromql(query);
    assert.throws(() => checkPromql('a + b[5m]'), { message: /got a range vector/ });
    assert.throws(() => checkPromql('a + sum(b) offset 5m'), { message: /before offset and @/ });
  });

  it('does not run out of stack on deep trees', () => {
    checkPromql(`${'-'.repeat(200)}up`);
    assert.throws(() => checkPromql(`${'-'.repeat(2_000)}up`), { message: /at most 250 nested/ });
  });
});
