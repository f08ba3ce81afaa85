import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkPromql } from '../../../../../src/orchestrator/query/promql.ts';

const nested = (times: number, wrap: (inner: string) => string) => {
  let query = 't';
  for (let i = 0; i < times; i++) query = wrap(query);
  return query;
};

describe('checkAmplification', () => {
  it('refuses labels that multiply', () => {
    const join = (inner: string) => `label_join(${inner}, "a", "", "a", "a")`;
    checkPromql(nested(8, join));
    assert.throws(() => checkPromql(nested(9, join)), {
      message:
        'query: expected at most 65536 bytes of labels from label_replace and label_join; got up to 131072',
    });
    const hidden = (inner: string) => `label_join(${inner}, (("a")), "", "a", ("a"))`;
    assert.throws(() => checkPromql(nested(9, hidden)), { errorType: 'bad_data' });
    const replace = (inner: string) => `label_replace(${inner}, "a", "$1$1$1$1$1$1$1$1$1", "a", "(.*)")`;
    assert.throws(() => checkPromql(nested(3, replace)), { errorType: 'bad_data' });
    const text = 'x'.repeat(15_000);
    const many = `label_join(label_replace(t, "a", "${text}", "", ""), "b", "", "a", "a", "a", "a")`;
    assert.throws(() => checkPromql(many), { errorType: 'bad_data' });
    const other = `t * on (i) group_left (a) label_join(${nested(8, join)}, "a", "", "a", "a")`;
    assert.throws(() => checkPromql(other), { errorType: 'bad_data' });
  });

  it('takes labels as people make them', () => {
    let i = 0;
    checkPromql(nested(60, (inner) => `label_replace(${inner}, "l${i++}", "$1", "kind", "(.*)")`));
    checkPromql(nested(60, (inner) => `label_replace(${inner}, "a", "$1-$2", "kind", "(.*)-(.*)")`));
    const one = 'label_replace(t, "a", "$1-$2-$3", "kind", "(.*)")';
    checkPromql(Array(50).fill(one).join(' or '));
  });

  it('refuses regular expressions that repeat repetitions, wherever they are', () => {
    const long = `(${'a'.repeat(300)}){900}`;
    for (const query of [
      `t{a=~"${long}"}`,
      `t{"a b"!~"${long}"}`,
      `label_replace(t, "a", "", "b", "${long}")`,
    ]) {
      assert.throws(() => checkPromql(query), {
        message:
          /expected a regular expression of at most 742 characters with its repetitions written out; got 270/,
      });
    }
    for (const regex of ['(a{10}){20}', '((a{5}){5}){5}x{30}', '(?:[a-z]{9}b){20,}', 'a{1,1000}']) {
      assert.throws(() => checkPromql(`t{a=~"${regex}"}`), { errorType: 'bad_data' }, regex);
    }
  });

  it('takes regular expressions as people write them', () => {
    const regexes = [
      '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}',
      '[a-z0-9]{1,63}',
      '\\\\d{4}-\\\\d{2}',
      '[{}]{2}',
      'a{b}',
    ];
    for (const regex of regexes) checkPromql(`t{a=~"${regex}"}`);
    const pods = Array.from({ length: 800 }, (_, i) => `pod-${i}-abcdef`).join('|');
    checkPromql(`t{a=~"${pods}"}`);
    checkPromql(`t{a="(a{10}){100}"}`);
  });

  it('refuses more than 250 operators in one chain', () => {
    const chain = (operator: string, length: number) => Array(length).fill('t').join(operator);
    for (const operator of ['+', ' or ', '^']) {
      checkPromql(chain(operator, 250));
      assert.throws(() => checkPromql(chain(operator, 251)), {
        message: 'query: expected at most 250 nested operators and calls; got more',
      });
    }
  });
});
