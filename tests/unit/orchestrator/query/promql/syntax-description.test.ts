import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decimal, describeSyntax } from '../../../../../src/orchestrator/query/promql/syntax-description.ts';
import { parsePromql } from '../../../../../src/orchestrator/query/promql.ts';
import { promql } from '../../../../support/promql-arbitrary.ts';

const described = (query: string) => describeSyntax(parsePromql(query), query);

const equal = (name: string, value: string) => ({ name, value, type: '=' });
const selector = (name: string, more: object = {}) => ({
  type: 'vectorSelector',
  name,
  offset: 0,
  matchers: [equal('__name__', name)],
  timestamp: null,
  startOrEnd: null,
  anchored: false,
  smoothed: false,
  ...more,
});
const number = (val: string) => ({ type: 'numberLiteral', val });

/** What web/api/v1/translate_ast.go of Prometheus 3 makes of them. */
const SHAPES: readonly [query: string, description: object][] = [
  ['5m', number('300')],
  ['- 1e300', number(`-1${'0'.repeat(300)}`)],
  ['--Inf', number('+Inf')],
  ['("a")', { type: 'parenExpr', expr: { type: 'stringLiteral', val: 'a' } }],
  ['-up', { type: 'unaryExpr', op: '-', expr: selector('up') }],
  ['up offset -5m @ end()', selector('up', { offset: -300_000, startOrEnd: 'end' })],
  ['up[1h] @ 5.5', { ...selector('up'), type: 'matrixSelector', range: 3_600_000, timestamp: 5500 }],
  [
    '{"a.b",c!~"d"}',
    selector('', { matchers: [equal('__name__', 'a.b'), { name: 'c', value: 'd', type: '!~' }] }),
  ],
  [
    '(up)[5m:] offset 1s',
    {
      type: 'subquery',
      expr: { type: 'parenExpr', expr: selector('up') },
      range: 300_000,
      offset: 1_000,
      step: 0,
      timestamp: null,
      startOrEnd: null,
    },
  ],
  [
    'TOPK without("a.b",c) (2, up)',
    {
      type: 'aggregation',
      op: 'topk',
      expr: selector('up'),
      param: number('2'),
      grouping: ['a.b', 'c'],
      without: true,
    },
  ],
  [
    'round(up)',
    {
      type: 'call',
      func: { name: 'round', argTypes: ['vector', 'scalar'], variadic: 1, returnType: 'vector' },
      args: [selector('up')],
    },
  ],
  [
    '1 > bool 2',
    { type: 'binaryExpr', op: '>', lhs: number('1'), rhs: number('2'), matching: null, bool: true },
  ],
  [
    'a / on(x) group_left(y) fill_right(3) b',
    {
      type: 'binaryExpr',
      op: '/',
      lhs: selector('a'),
      rhs: selector('b'),
      matching: {
        card: 'many-to-one',
        labels: ['x'],
        on: true,
        include: ['y'],
        fillValues: { lhs: null, rhs: 3 },
      },
      bool: false,
    },
  ],
  [
    'a UNLESS b offset 5m',
    {
      type: 'binaryExpr',
      op: 'unless',
      lhs: selector('a'),
      rhs: selector('b', { offset: 300_000 }),
      matching: {
        card: 'many-to-many',
        labels: [],
        on: false,
        include: [],
        fillValues: { lhs: null, rhs: null },
      },
      bool: false,
    },
  ],
];

describe('the description of a syntax tree', () => {
  for (const [query, description] of SHAPES) {
    it(`of ${query} is that of Prometheus 3`, () => assert.deepEqual(described(query), description));
  }

  it('has a type for each part of any query that is taken', () => {
    let taken = 0;
    for (const query of fc.sample(promql, { numRuns: 1_500, seed: 5 })) {
      try {
        parsePromql(query);
      } catch {
        continue;
      }
      // In a duration, only the evaluation tells these.
      if (/\b(?:step|range)\(\)|\(\d+ *[-+*/%^]/.test(query)) continue;
      taken++;
      JSON.stringify(described(query), (_, node) => {
        const parts =
          node?.type === 'binaryExpr' ? [node.lhs, node.rhs] : 'expr' in Object(node) ? [node.expr] : [];
        for (const part of parts) assert.equal(typeof part?.type, 'string', query);
        return node;
      });
    }
    assert.ok(taken > 500, `${taken}`);
  });

  it('has numbers as Go writes them without an exponent', () => {
    const shown = {
      '-0': -0,
      1500: 1.5e3,
      '123.456': 123.456,
      '0.00000012': 1.2e-7,
      '1200000000000000000000000': 1.2e24,
    };
    for (const [text, value] of Object.entries(shown)) assert.equal(decimal(value), text);
    assert.equal(decimal(Number.NaN), 'NaN');
  });
});
