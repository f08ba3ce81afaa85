import fc, { type Arbitrary } from 'fast-check';
import { FUNCTIONS } from '../../src/orchestrator/query/promql/functions.ts';

/** The parts of PromQL without expressions in them, with what one parser may read otherwise than another. */

type Text = Arbitrary<string>;

export const pick = (...texts: readonly string[]): Text => fc.constantFrom(...texts);

/** One of texts that spaces divide. */
const word = (texts: string): Text => pick(...texts.split(' '));

/** One of some texts, each as often as its number says beside the others. */
export const choose = (...options: readonly (readonly [weight: number, text: Text])[]): Text =>
  fc.oneof(...options.map(([weight, arbitrary]) => ({ weight, arbitrary })));

export const join = (...parts: readonly (Text | string)[]): Text =>
  fc
    .tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part)))
    .map((texts) => texts.join(''));

/** Nothing as often as the number says, else the part. */
export const maybe = (part: Text, nothing = 2): Text => choose([nothing, fc.constant('')], [1, part]);

export const list = (part: Text, maxLength: number, minLength = 0): Text =>
  fc.array(part, { minLength, maxLength }).map((parts) => parts.join(','));

export const gap = choose(
  [20, pick(' ')],
  [1, pick('', '\n', '\t', '  ', '\r\n', ' # c\n', '#"\n', '\u00a0', '\v', ' #(\r\n')],
);

export const AGGREGATIONS =
  'avg bottomk count count_values group max min quantile limitk limit_ratio stddev stdvar sum topk';
const METRICSQL_AGGREGATIONS =
  'any distinct geomean histogram mad median mode outliers_mad outliersk quantiles sum2 topk_max bottomk_last zscore';
const KEYWORDS =
  'by without and or unless atan2 start end fill fill_left fill_right smoothed anchored step range min_of max_of ' +
  'offset with limit if ifnot default keep_metric_names union WITH MIN Sum AND ru ttf e5 x10 a:b : _ __name__';

const metricName = choose(
  [16, word('t t up c_total h_bucket empty')],
  [4, word(`${AGGREGATIONS} ${METRICSQL_AGGREGATIONS} ${KEYWORDS}`)],
  [1, pick(...FUNCTIONS.keys())],
);

/** These cannot be the name before braces, but the value of `__name__`. */
const anyName = choose(
  [1, metricName],
  [1, word('bool on ignoring group_left group_right offset inf nan Inf NaN')],
);

export const labelName = choose(
  [4, word('service kind le i')],
  [1, anyName.map((name) => name.replaceAll(':', '_'))],
);

const regularExpression = word(
  String.raw`.* .+ a|b (a|b) ( [ ) a{2} a{1001} ((a{10}){10}){10} (a+)+$ (?i)A (?P<x>a) (?<x>a) (?=a) \\d+ \\p{L} ` +
    String.raw`\\pN [[:alpha:]] ^a$ a||b | . x? \\Qa|b\\E (?s). [^a] a.*b.*c (a.*|b.+|c) \\C \\z (?U)a+ service .*a.* ` +
    String.raw`(|a) ((((((a)))))) \\x{10FFFF} \\xff é|☃ [a-c]{1,3}`,
);
const oddText = word(
  String.raw`a b $1 $0$0 ${'$'}{1} $x ☃ 💩 \n \t \\ \x00 \xff \u2603 \U0001F4A9 \101 1 1.5 -1 +Inf NaN 0x10 # { } / , ` +
    String.raw`\ud800 \q m\x69n mi\u006e \142ool`,
);
const characters = choose(
  [3, regularExpression],
  [3, anyName],
  [3, oddText],
  [1, pick('', 'a b', '\u0000', '\u007f', '\u2028', '\ufffd', 'mi\rn')],
);

export const stringLiteral = choose(
  [8, characters.map((text) => `"${text}"`)],
  [1, characters.map((text) => `'${text}'`)],
  [1, characters.map((text) => `\`${text}\``)],
);

const matchOperator = word('= = != =~ =~ !~');
const matcher = choose(
  [8, join(labelName, maybe(gap, 9), matchOperator, stringLiteral)],
  [2, join('__name__', matchOperator, stringLiteral)],
  [2, anyName.map((name) => `__name__="${name}"`)],
  [1, join(stringLiteral, matchOperator, stringLiteral)],
  [1, stringLiteral],
);
const matchers = join('{', list(matcher, 3), maybe(pick(','), 9), '}');

export const selector = choose(
  [6, metricName],
  [4, join(metricName, maybe(gap, 9), matchers)],
  [2, matchers],
);

const duration = choose(
  [6, word('1s 5s 10s 1m 5m 1h 1d')],
  [
    2,
    word(
      '0s 1ms 1h30m 1y2w3d4h5m6s7ms 100y 292y 293y 1000y 99999999y 300000000y 9999999999999y 0x5m 010m 1w 0ms 5m0s ' +
        '9223372036854775807ms 9223372036854775808ms 99999999999999999999s 106751991167d',
    ),
  ],
);

export const number = choose(
  [10, word('0 1 2 5 10 60 300 1000 3600 99999 1795424400 2147483648 4294967296')],
  [
    6,
    word(
      '0x10 0x0 0X1F 0xffffffffffffffff 0x1p4 0xe5 010 08 00 1_000 0x1_0 1. .5 1.5 1e3 1E3 1e+3 1e-9 1.e3 1e308 1e309 ' +
        '1e400 1e-400 9223372036854775807 9223372036854775808 18446744073709551616 1e15 1e16 1e18 1e19 9.3e15 0.0001 ' +
        '0.001 1e-3 4.9e-324 123456789012345678901234567890 1795424400.5 Inf inf NaN nan iNf 0.0004 0e0 1e-1000 0b11 0o17',
    ),
  ],
  [2, duration],
);

const calculation = word('+ - * / % ^');
const lengthOfTime = choose(
  [16, duration],
  [4, number],
  [1, join('(', number, calculation, duration, ')')],
  [1, join(number, calculation, duration)],
  [1, word('step() range() min_of(5m,step()) max_of(1s,1m) -5m +5m -(5m) (5m) ((5m)) 5m-10m 1h-5m')],
);
const offset = choose(
  [9, join(maybe(pick('-', '+', '- ')), lengthOfTime)],
  [1, word('step() -step() (1m-5m) --5m +-5m -(1m) 5m-10m')],
);
const at = choose(
  [1, pick('start()', 'end()', 'START()', 'end ( )')],
  [1, join(maybe(pick('-', '+')), number)],
);
export const offsetModifier = join(gap, word('offset offset OFFSET Offset'), gap, offset);
export const atModifier = join(gap, '@', maybe(gap), at);

/** What may follow a selector or a subquery. */
export const modifiers = choose(
  [12, pick('')],
  [4, offsetModifier],
  [3, atModifier],
  [1, join(offsetModifier, atModifier)],
  [1, join(atModifier, offsetModifier)],
  [1, pick(' smoothed', ' anchored')],
);
export const window = join('[', lengthOfTime, ']');
export const subqueryWindow = join('[', lengthOfTime, ':', maybe(lengthOfTime, 1), ']');
