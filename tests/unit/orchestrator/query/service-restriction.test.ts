import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parser } from '@prometheus-io/lezer-promql';
import fc from 'fast-check';
import { parserSpelling } from '../../../../src/orchestrator/query/promql/spellings.ts';
import { stringValue } from '../../../../src/orchestrator/query/promql/strings.ts';
import { checkPromql } from '../../../../src/orchestrator/query/promql.ts';
import { restrictSelectors } from '../../../../src/orchestrator/query/promql-rewriting.ts';
import { promql } from '../../../support/promql-arbitrary.ts';

const strict = parser.configure({ strict: true });

function treeOf(query: string) {
  try {
    return strict.parse(query);
  } catch {
    return strict.parse(parserSpelling(query));
  }
}

/** The matchers of each selector as texts, read by the parser alone. */
function selectorsOf(query: string): string[][] {
  const selectors: string[][] = [];
  treeOf(query).iterate({
    enter: ({ name, node }) => {
      if (name !== 'VectorSelector') return;
      const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
      selectors.push(matchers.map(({ from, to }) => query.slice(from, to)));
    },
  });
  return selectors;
}

it('restricts each selector of any query that is taken to the service, and changes nothing else', () => {
  const service = fc.oneof(
    fc.constantFrom('a', 'we"ird\\', '.*', '#', '}\n', '☃'),
    fc.string({ minLength: 1 }),
  );
  let taken = 0;
  const queries = fc.sample(fc.tuple(promql, service), { numRuns: 20_000, seed: 11 });
  for (const [query, name] of queries) {
    try {
      checkPromql(query);
    } catch {
      continue;
    }
    taken++;
    const before = selectorsOf(query);
    const after = selectorsOf(restrictSelectors(query, 'service', name));
    assert.equal(after.length, before.length, query);
    for (const [i, [added = '', ...others]] of after.entries()) {
      assert.ok(added.startsWith('service="'), query);
      assert.equal(stringValue(added.slice('service='.length)), name.toWellFormed(), query);
      // Comments are left out, and what is a gap is one space.
      assert.equal(others.length, before[i]?.length, query);
    }
  }
  assert.ok(taken >= 10_000, `${taken}`);
});
