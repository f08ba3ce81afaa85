import fc, { type Arbitrary } from 'fast-check';
import {
  AGGREGATION_PARAMETERS,
  FUNCTIONS,
  type Signature,
  type ValueType,
} from '../../src/orchestrator/query/promql/functions.ts';
import {
  AGGREGATIONS,
  atModifier,
  choose,
  gap,
  join,
  labelName,
  list,
  maybe,
  modifiers,
  number,
  offsetModifier,
  pick,
  selector,
  stringLiteral,
  subqueryWindow,
  window,
} from './promql-parts.ts';

/**
 * Texts that are PromQL, or nearly: every part of the grammar, mostly of the right types. What is none is for the
 * caller to leave out.
 */

type Text = Arbitrary<string>;
type Kinds = Record<ValueType | 'any', string>;

const labels = choose([9, list(labelName, 3)], [1, list(stringLiteral, 2)]).map((all) => `(${all})`);
const grouping = join(pick('by', 'without', 'BY', 'Without'), maybe(gap), labels);
const matching = join(
  ' ',
  pick('on', 'on', 'ignoring', 'ON'),
  maybe(gap),
  labels,
  maybe(join(' ', pick('group_left', 'group_right'), maybe(labels)), 3),
  maybe(pick(' fill(0)', ' fill_left(1) fill_right(2)', ' fill(NaN)'), 20),
);
const setMatching = join(' ', pick('on', 'ignoring'), labels);

const arithmetic = pick('+', '-', '*', '/', '%', '^', 'atan2', 'ATAN2', '</', '>/');
const comparison = pick('==', '!=', '<', '>', '<=', '>=');
const setOperator = pick('and', 'or', 'unless', 'AND', 'Or');
const bool = maybe(pick(' bool'), 1);

/** The names of labels that label_replace and its like are given. */
const label = pick(
  '"kind"',
  '"service"',
  '""',
  '"__name__"',
  '"new"',
  '"a b"',
  '"le"',
  '"\\xff"',
  '"☃"',
  '"or"',
);

const bracket = (inner: Text) => join('(', maybe(gap, 9), inner, maybe(gap, 9), ')');

/** As `choose`, but the first of them, which is flat, the more often the deeper it goes. */
const nest = (...options: readonly (readonly [weight: number, text: Text])[]): Text =>
  fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    ...options.map(([weight, arbitrary]) => ({ weight, arbitrary })),
  );

const kinds = fc.letrec<Kinds>((tie) => {
  const vector: Text = tie('instant vector');
  const scalar: Text = tie('scalar');
  const argument = (type: ValueType) => choose([40, tie(type) as Text], [1, tie('any') as Text]);

  function call(name: string, { parameters, optional, repeats }: Signature): Text {
    const max = parameters.length + (repeats ? 2 : 0);
    return fc
      .integer({ min: parameters.length - optional, max })
      .chain((count) => {
        const last = parameters.length - 1;
        const types = Array.from({ length: count }, (_, i) => parameters[Math.min(i, last)] ?? 'scalar');
        return fc.tuple(...types.map(argument));
      })
      .map((given) => `${name}(${given.join(',')})`);
  }
  const calls = (returned: ValueType) =>
    choose(
      ...[...FUNCTIONS]
        .filter(([, { returns }]) => returns === returned)
        .map(([name, signature]) => [1, call(name, signature)] as const),
    );
  const aggregation = pick(...AGGREGATIONS.split(' ')).chain((name) => {
    const type = AGGREGATION_PARAMETERS.get(name);
    const parameter = type === undefined ? '' : join(argument(type), ',');
    const by = maybe(grouping, 3);
    return join(name, maybe(gap, 9), by, '(', parameter, argument('instant vector'), ')', by);
  });
  const relabelled = choose(
    [1, join('label_replace(', vector, ',', label, ',', stringLiteral, ',', label, ',"(.*)")')],
    [1, join('label_join(', vector, ',', label, ',', stringLiteral, ',', label, ',', label, ')')],
    [1, join('count_values(', label, ',', vector, ')')],
  );
  return {
    string: stringLiteral,
    scalar: nest(
      [8, number],
      [1, calls('scalar')],
      [1, join(scalar, gap, arithmetic, gap, scalar)],
      [1, join(scalar, gap, comparison, ' bool ', scalar)],
      [1, bracket(scalar)],
      [1, join(pick('-', '+', '--'), scalar)],
    ),
    'range vector': nest(
      [6, join(selector, window, modifiers)],
      [2, join(selector, subqueryWindow, modifiers)],
      [2, join(bracket(vector), subqueryWindow, modifiers)],
      [2, join(calls('instant vector'), subqueryWindow, modifiers)],
    ),
    'instant vector': nest(
      [10, join(selector, modifiers)],
      [6, calls('instant vector')],
      [4, aggregation],
      [2, relabelled],
      [2, join(vector, gap, setOperator, maybe(setMatching, 4), gap, vector)],
      [2, join(vector, gap, arithmetic, maybe(matching, 2), gap, vector)],
      [1, join(vector, gap, comparison, bool, maybe(matching, 2), gap, vector)],
      [1, join(vector, gap, arithmetic, gap, scalar)],
      [1, join(scalar, gap, comparison, bool, gap, vector)],
      [1, bracket(vector)],
      [1, join(pick('-', '+', '--', '- -', '-+-'), vector)],
    ),
    any: choose(
      [2, scalar],
      [2, stringLiteral],
      [2, vector],
      [2, tie('range vector') as Text],
      [
        2,
        join(
          vector,
          choose([1, window], [1, subqueryWindow], [1, offsetModifier], [1, atModifier]),
          modifiers,
        ),
      ],
      [1, join(pick('any', 'foo', 'union', 'min_of', 'RATE'), '(', list(vector, 2), ')', maybe(grouping))],
    ),
  };
});

export const promql: Text = choose(
  [20, kinds['instant vector']],
  [2, kinds.scalar],
  [2, kinds['range vector']],
  [1, kinds.any],
);

export { selector };
