import fc, { type Arbitrary } from 'fast-check';
import {
  AGGREGATION_PARAMETERS,
  FUNCTIONS,
  type Signature,
  type ValueType,
} from '../../src/orchestrator/query/promql-functions.ts';

/**
 * Texts that are PromQL, or nearly: every part of the grammar, with the names, numbers, strings and durations that one
 * parser may read otherwise than another. What is none is for the caller to leave out.
 */

const AGGREGATIONS =
  'avg bottomk count count_values group max min quantile limitk limit_ratio stddev stdvar sum topk'.split(' ');

/** Those of MetricsQL alone, which PromQL takes for names of metrics. */
const MORE_AGGREGATIONS =
  'any distinct geomean histogram mad median mode outliers_mad outliersk quantiles sum2 topk_max bottomk_last zscore'.split(
    ' ',
  );

const KEYWORDS =
  'by without and or unless atan2 start end fill fill_left fill_right smoothed anchored step range min_of max_of with limit if ifnot default keep_metric_names union WITH'.split(
    ' ',
  );

/** These cannot be the name of a selector as they are, but the value of `__name__`. */
const RESERVED = 'bool on ignoring group_left group_right offset inf nan Inf NaN'.split(' ');

const pick = (...texts: readonly string[]) => fc.constantFrom(...texts);
const join = (...parts: readonly (Arbitrary<string> | string)[]) =>
  fc.tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part))).map((all) => all.join(''));
const maybe = (part: Arbitrary<string>, without = 2) =>
  fc.oneof({ weight: without, arbitrary: fc.constant('') }, { weight: 1, arbitrary: part });
const list = (part: Arbitrary<string>, maxLength: number, minLength = 0) =>
  fc.array(part, { minLength, maxLength }).map((parts) => parts.join(','));

const gap = fc.oneof(
  { weight: 20, arbitrary: pick(' ') },
  { weight: 1, arbitrary: pick('', '\n', '\t', '  ', '\r\n', ' # c\n', '#"\n', '\u00a0', '\v', ' #(\r\n') },
);

export const metricName = fc.oneof(
  { weight: 8, arbitrary: pick('t', 't', 'up', 'c_total', 'h_bucket', 'empty') },
  { weight: 2, arbitrary: pick(...AGGREGATIONS, ...KEYWORDS, ...MORE_AGGREGATIONS) },
  { weight: 1, arbitrary: pick(...FUNCTIONS.keys(), 'a:b', ':', '_', '__name__', 'MIN', 'Sum', 'AND', 'ru', 'ttf', 'e5', 'x10') },
);

const anyName = fc.oneof(metricName, pick(...RESERVED));

const labelName = fc.oneof(
  { weight: 4, arbitrary: pick('service', 'kind', 'le', 'i') },
  { weight: 1, arbitrary: anyName.map((name) => name.replaceAll(':', '_')) },
);

const regularExpression = pick(
  '.*', '.+', '', 'a|b', '(a|b)', '(', '[', ')', 'a{2}', 'a{1001}', '((a{10}){10}){10}', '(a+)+$', '(?i)A', '(?P<x>a)',
  '(?<x>a)', '(?=a)', '\\\\d+', '\\\\p{L}', '\\\\pN', '[[:alpha:]]', '^a$', 'a||b', '|', '.', 'x?', '\\\\Qa|b\\\\E', '(?s).', '[^a]', 'a.*b.*c',
  '(a.*|b.+|c)', '\\\\C', '\\\\z', '(?U)a+', 'service', '.*a.*', '(|a)', '((((((a))))))', '\\\\x{10FFFF}', '\\\\xff', '\u00e9|\u2603',
);

const characters = fc.oneof(
  regularExpression,
  anyName,
  pick('', 'a', 'b', 'a b', '$1', '$0$0', '${1}', '$x', '☃', '\u{1f4a9}', '\\n', '\\t', '\\\\', '\\x00', '\\xff', '\\u2603', '\\U0001F4A9', '\\101', '1', '1.5', '-1', '+Inf', 'NaN', '0x10', '#', '{', '}', '/', ',', '\ufffd', '\\ud800', '\\q', '\u0000', '\u007f', '\u2028'),
);

export const stringLiteral = fc.oneof(
  { weight: 8, arbitrary: characters.map((text) => `"${text}"`) },
  { weight: 1, arbitrary: characters.map((text) => `'${text}'`) },
  { weight: 1, arbitrary: characters.map((text) => `\`${text}\``) },
);

const matchOperator = pick('=', '=', '!=', '=~', '=~', '!~');

const matcher = fc.oneof(
  { weight: 8, arbitrary: join(labelName, maybe(gap, 9), matchOperator, stringLiteral) },
  { weight: 2, arbitrary: join('__name__', matchOperator, stringLiteral) },
  { weight: 2, arbitrary: anyName.map((name) => `__name__="${name}"`) },
  { weight: 1, arbitrary: join(stringLiteral, matchOperator, stringLiteral) },
  { weight: 1, arbitrary: stringLiteral },
);
const matchers = join('{', list(matcher, 3), maybe(pick(','), 9), '}');

export const selector = fc.oneof(
  { weight: 6, arbitrary: metricName },
  { weight: 4, arbitrary: join(metricName, maybe(gap, 9), matchers) },
  { weight: 2, arbitrary: matchers },
);

const digits = pick('0', '1', '2', '5', '10', '60', '300', '1000', '3600', '99999', '1795424400', '2147483648', '4294967296');

const oddNumber = pick(
  '0x10', '0x0', '0X1F', '0xffffffffffffffff', '0x1p4', '0xe5', '010', '08', '00', '1_000', '0x1_0', '1.', '.5', '1.5', '1e3', '1E3', '1e+3', '1e-9', '1.e3', '1e308',
  '1e309', '1e400', '1e-400', '9223372036854775807', '9223372036854775808', '18446744073709551616', '1e15', '1e16', '1e18', '1e19', '9.3e15', '0.0001', '0.001',
  '1e-3', '4.9e-324', '123456789012345678901234567890', '1795424400.5', 'Inf', 'inf', 'NaN', 'nan', 'iNf', '0.0004', '0e0', '1e-1000', '0b11', '0o17',
);

const duration = fc.oneof(
  { weight: 6, arbitrary: pick('1s', '5s', '10s', '1m', '5m', '1h', '1d') },
  { weight: 2, arbitrary: pick('0s', '1ms', '1h30m', '1y2w3d4h5m6s7ms', '100y', '292y', '293y', '1000y', '99999999y', '300000000y', '9999999999999y', '9223372036854775807ms', '9223372036854775808ms', '0x5m', '010m', '1w', '0ms', '5m0s', '99999999999999999999s', '106751991167d') },
);

const number = fc.oneof({ weight: 5, arbitrary: digits }, { weight: 3, arbitrary: oddNumber }, { weight: 1, arbitrary: duration });

const lengthOfTime = fc.oneof(
  { weight: 8, arbitrary: duration },
  { weight: 2, arbitrary: number },
  {
    weight: 1,
    arbitrary: fc.oneof(
      join('(', number, pick('+', '-', '*', '/', '%', '^'), duration, ')'),
      join(number, pick('+', '-', '*', '/', '%', '^'), duration),
      pick('step()', 'range()', 'min_of(5m,step())', 'max_of(1s,1m)', '-5m', '+5m', '-(5m)', '- 5m', '(5m)', '((5m))'),
    ),
  },
);

const offset = fc.oneof(
  { weight: 8, arbitrary: join(maybe(pick('-', '+', '- ')), lengthOfTime) },
  { weight: 1, arbitrary: pick('step()', '-step()', '(1m-5m)', '--5m', '+-5m', '-(1m)') },
);

const at = fc.oneof(
  { weight: 3, arbitrary: pick('start()', 'end()', 'START()', 'end ( )') },
  { weight: 3, arbitrary: join(maybe(pick('-', '+')), number) },
);


const offsetModifier = join(gap, pick('offset', 'offset', 'OFFSET', 'Offset'), gap, offset);
const atModifier = join(gap, '@', maybe(gap), at);

/** What may follow a selector or a subquery. */
const modifiers = fc.oneof(
  { weight: 12, arbitrary: fc.constant('') },
  { weight: 4, arbitrary: offsetModifier },
  { weight: 3, arbitrary: atModifier },
  { weight: 1, arbitrary: join(offsetModifier, atModifier) },
  { weight: 1, arbitrary: join(atModifier, offsetModifier) },
  { weight: 1, arbitrary: pick(' smoothed', ' anchored') },
);
const window = join('[', lengthOfTime, ']');
const subqueryWindow = join('[', lengthOfTime, ':', maybe(lengthOfTime, 1), ']');

const labels = fc
  .oneof({ weight: 9, arbitrary: list(labelName, 3) }, { weight: 1, arbitrary: list(stringLiteral, 2) })
  .map((all) => `(${all})`);
const grouping = join(pick('by', 'without', 'BY', 'Without'), maybe(gap), labels);

const fill = pick(' fill(0)', ' fill_left(1) fill_right(2)', ' fill(NaN)');
const matching = join(
  ' ',
  pick('on', 'on', 'ignoring', 'ON'),
  maybe(gap),
  labels,
  maybe(join(' ', pick('group_left', 'group_right'), maybe(labels)), 3),
  maybe(fill, 20),
);
const setMatching = join(' ', pick('on', 'ignoring'), labels);

const arithmetic = pick('+', '-', '*', '/', '%', '^', 'atan2', 'ATAN2', '</', '>/');
const comparison = pick('==', '!=', '<', '>', '<=', '>=');
const setOperator = pick('and', 'or', 'unless', 'AND', 'Or');

const labelArgument = pick('"kind"', '"service"', '""', '"__name__"', '"new"', '"a b"', '"le"', '"\\xff"', '"☃"', '"offset"', '"or"');

interface Kinds {
  scalar: string;
  string: string;
  'instant vector': string;
  'range vector': string;
  any: string;
}

const bracket = (inner: Arbitrary<string>) => join('(', maybe(gap, 9), inner, maybe(gap, 9), ')');

const kinds = fc.letrec<Kinds>((tie) => {
  const vector: Arbitrary<string> = tie('instant vector');
  const scalar: Arbitrary<string> = tie('scalar');
  const argument = (type: ValueType): Arbitrary<string> =>
    fc.oneof({ weight: 40, arbitrary: tie(type) }, { weight: 1, arbitrary: tie('any') });

  function call(name: string, { parameters, optional, repeats }: Signature): Arbitrary<string> {
    const least = parameters.length - optional;
    const most = parameters.length + (repeats ? 2 : 0);
    return fc
      .integer({ min: least, max: most })
      .chain((count) => {
        const types = Array.from({ length: count }, (_, i) => parameters[Math.min(i, parameters.length - 1)] ?? 'scalar');
        return fc.tuple(...types.map(argument));
      })
      .map((given) => `${name}(${given.join(',')})`);
  }
  const calls = (returns: ValueType) =>
    fc.oneof(
      ...[...FUNCTIONS].filter(([, { returns: type }]) => type === returns).map(([name, signature]) => call(name, signature)),
    );
  const aggregation = pick(...AGGREGATIONS).chain((name) => {
    const parameter = AGGREGATION_PARAMETERS.get(name);
    return join(
      name,
      maybe(gap, 9),
      maybe(grouping, 3),
      '(',
      parameter === undefined ? '' : join(argument(parameter), ','),
      argument('instant vector'),
      ')',
      maybe(grouping, 3),
    );
  });
  const relabelled = fc.oneof(
    join('label_replace(', vector, ',', labelArgument, ',', stringLiteral, ',', labelArgument, ',"(.*)")'),
    join('label_join(', vector, ',', labelArgument, ',', stringLiteral, ',', labelArgument, ',', labelArgument, ')'),
    join('count_values(', labelArgument, ',', vector, ')'),
  );
  return {
    string: stringLiteral,
    scalar: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 8, arbitrary: number },
      { weight: 1, arbitrary: calls('scalar') },
      { weight: 1, arbitrary: join(scalar, gap, arithmetic, gap, scalar) },
      { weight: 1, arbitrary: join(scalar, gap, comparison, ' bool ', scalar) },
      { weight: 1, arbitrary: bracket(scalar) },
      { weight: 1, arbitrary: join(pick('-', '+', '--'), scalar) },
    ),
    'range vector': fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 6, arbitrary: join(selector, window, modifiers) },
      { weight: 2, arbitrary: join(selector, subqueryWindow, modifiers) },
      { weight: 2, arbitrary: join(bracket(vector), subqueryWindow, modifiers) },
      { weight: 2, arbitrary: join(calls('instant vector'), subqueryWindow, modifiers) },
    ),
    'instant vector': fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 10, arbitrary: join(selector, modifiers) },
      { weight: 6, arbitrary: calls('instant vector') },
      { weight: 4, arbitrary: aggregation },
      { weight: 2, arbitrary: relabelled },
      { weight: 2, arbitrary: join(vector, gap, setOperator, maybe(setMatching, 4), gap, vector) },
      { weight: 2, arbitrary: join(vector, gap, arithmetic, maybe(matching, 2), gap, vector) },
      { weight: 1, arbitrary: join(vector, gap, comparison, maybe(pick(' bool'), 1), maybe(matching, 2), gap, vector) },
      { weight: 1, arbitrary: join(vector, gap, arithmetic, gap, scalar) },
      { weight: 1, arbitrary: join(scalar, gap, comparison, maybe(pick(' bool'), 1), gap, vector) },
      { weight: 1, arbitrary: bracket(vector) },
      { weight: 1, arbitrary: join(pick('-', '+', '--', '- -', '-+-'), vector) },
    ),
    any: fc.oneof<Arbitrary<string>[]>(
      scalar,
      tie('string'),
      vector,
      tie('range vector'),
      join(vector, fc.oneof(window, subqueryWindow, offsetModifier, atModifier), modifiers),
      join(pick('any', 'foo', 'union', 'min_of', 'RATE'), '(', list(vector, 2), ')', maybe(grouping)),
    ),
  };
});

export const promql: Arbitrary<string> = fc.oneof(
  { weight: 20, arbitrary: kinds['instant vector'] },
  { weight: 2, arbitrary: kinds.scalar },
  { weight: 2, arbitrary: kinds['range vector'] },
  { weight: 1, arbitrary: kinds.any },
);
