import {
  AGGREGATION_PARAMETERS,
  FUNCTIONS,
  type ValueType,
} from '../../src/orchestrator/query/promql/functions.ts';
import { AGGREGATIONS } from './promql-parts.ts';
import { BEGIN, END } from './tsdb.ts';

/** A request of the read API of Prometheus. */
export interface Form {
  /** After `/api/v1/`. */
  readonly path: string;
  readonly parameters: readonly (readonly [name: string, value: string])[];
}

const WORDS =
  'avg by and bool bottomk count count_values end group group_left group_right ignoring inf limitk max min nan offset on ' +
  'or quantile rate start stddev stdvar step sum time topk unless without atan2 a:b :a _ a1';

const ARGUMENTS: Readonly<Record<ValueType, string>> = {
  scalar: '1',
  string: '"kind"',
  'instant vector': 't',
  'range vector': 't[5m]',
};

const NUMBERS =
  '1 2. 2.5 .5 1e3 1E3 1e+3 1e-3 1.e3 0x3d 0X3D 0xffff 010 08 1e400 1_000 Inf inf +Inf -Inf NaN nan -1 +1 5m 1h30m 0b1';

const SELECTORS: readonly string[] = [
  't',
  't{}',
  '{}',
  't{kind="x"}',
  't{kind="x",}',
  "t{kind='x'}",
  't{kind=`x`}',
  't{kind!="y"}',
  't{kind=~"x|y"}',
  't{kind!~"y"}',
  't{kind=""}',
  't{kind=~".*"}',
  't{kind=~"("}',
  '{__name__="t"}',
  '{__name__=~"t.*"}',
  '{__name__="t",kind="x"}',
  '{kind="x"}',
  '{kind=~".*"}',
  't{kind="\\x78\\u2603\\n\\101\\""}',
  't{kind="☃"}',
  't {kind = "x"}',
  't{kind="x"} # comment',
  't{,}',
  '{"t"}',
  ...WORDS.split(' '),
  ...WORDS.split(' ').map((word) => `t{${word}="x"}`),
  ...WORDS.split(' ').map((word) => `{__name__="${word}"}`),
];

const PLAIN = (
  '"a" | time() | pi() | -t | +t | --t | -1 ^ 2 | t == 1 | t == bool 1 | 1 == bool 2 | 1 == 2 | t > t | ' +
  't and t | t AND t | t or on (kind) t | t unless ignoring (service) t | t * on (kind, service) t | ' +
  't * on (service) group_left t | t * on (service) group_left () t | ' +
  't * on (service) group_left (kind) t | t atan2 t | t % 2 | t ^ 2 | t offset 5m | t OFFSET 5m | ' +
  't offset -5m | t[5m] | t[5m:] | t[5m:1m] | t[5m] offset 1m | t[1y2w3d4h5m6s7ms] | t[1m1h] | t[0s] | ' +
  't[5m:0s] | t @ start() | t @ end() | t @ start() offset 1m | t offset 1m @ start() | ' +
  'rate(t[5m] @ 1) | t @ 9e15 | t{kind=~"(x{10}){20}"} | sum(t) by (kind) | sum by (kind) (t) | ' +
  'sum by (kind,) (t) | SUM(t) | Sum By (kind) (t) | sum without () (t) | sum(t) + 1 | (t) | ((t)) | ' +
  'rate(t) | rate(t[5m][5m]) | sum(t[5m]) | rate(rate(t[5m])[5m:1m]) | max_over_time(sum(t)[5m:1m]) | ' +
  'holt_winters(t[5m], 0.5, 0.5) | double_exponential_smoothing(t[5m], 0.5, 0.5) | nothing(t) | ' +
  'label_replace(t, "a", "$1", "kind", "(.*)") | label_replace(t, "a", "$1", "kind", "(") | ' +
  'label_join(t, "a", ",", "kind", "service") | count_values("v", t) | topk(1, t) by (kind) | ' +
  'quantile(0.5, t) | t t | t +'
).split(' | ');

const EXPRESSIONS: readonly string[] = [
  ...SELECTORS,
  ...NUMBERS.split(' '),
  ...NUMBERS.split(' ').map((number) => `t @ ${number}`),
  ...NUMBERS.split(' ').map((number) => `t offset ${number}`),
  ...NUMBERS.split(' ').map((number) => `t * ${number}`),
  ...NUMBERS.split(' ').map((number) => `rate(t[${number}])`),
  ...NUMBERS.split(' ').map((number) => `max_over_time(t[5m:${number}])`),
  ...WORDS.split(' ').flatMap((word) => [
    `${word} + t`,
    `t + ${word}`,
    `sum by (${word}) (t)`,
    `t + on (${word}) t`,
  ]),
  ...WORDS.split(' ').flatMap((word) => [
    `${word} offset 5m`,
    `sum(${word})`,
    `rate(${word}[5m])`,
    `${word} or t`,
  ]),
  ...PLAIN,
  "'a'",
  '`a`',
  '"\\n\\t\\\\\\"\\x41\\u2603"',
  't\n+\tt',
  't # comment\n + t',
  ' t ',
  '',
  ...[...FUNCTIONS].map(
    ([name, { parameters }]) => `${name}(${parameters.map((type) => ARGUMENTS[type]).join(', ')})`,
  ),
  ...AGGREGATIONS.split(' ').map((name) => {
    const parameter = AGGREGATION_PARAMETERS.get(name);
    return `${name}(${parameter === undefined ? '' : `${ARGUMENTS[parameter]}, `}t)`;
  }),
];

const TIMES: readonly string[] = [
  `${END}`,
  `${END}.`,
  `${END}.5`,
  `+${END}`,
  `${END}e0`,
  `${END / 1e9}e9`,
  '0',
  '-1',
  '1e3',
  '1.e3',
  '0x10',
  '0x1p4',
  '1_000',
  '1e11',
  `${END}000`,
  'Inf',
  'NaN',
  ' 1',
  '',
  '1d',
  '2026-01-01T00:00:00Z',
  '2026-01-01T00:00:00.123456789Z',
  '2026-01-01T00:00:00+02:00',
  '2026-01-01t00:00:00z',
  '2026-01-01 00:00:00Z',
  '2026-01-01T00:00:00',
  '2026-01-01',
  '2026-02-30T00:00:00Z',
  '2026-01-01T24:00:00Z',
  '2026-01-01T23:59:60Z',
  '1969-12-31T00:00:00Z',
  '0001-01-01T00:00:00Z',
  '9999-12-31T23:59:59Z',
  '-9223372036854775.808',
  '9223372036854775.807',
  '-9223309901257974',
  '9223309901257974',
  '-292273086-05-16T16:47:06Z',
  '292277025-08-18T07:12:54.999999999Z',
];

const DURATIONS = ['', '5 m'].concat(
  (
    '15 15. 15.0 .5 1e1 1.e1 +15 0x10 15s 500ms 1h30m 1d 1w 1y 1y2w3d4h5m6s7ms 015 01m 0 0s -1 -5m 1m1h 1.5m 5M 1i 1e9 ' +
    '1000y Inf NaN'
  ).split(' '),
);

const LIMITS: readonly string[] = ['', '1', '10', '0', '-1', '1.5', 'x', '999999999999'];

const LABELS: readonly string[] = [
  'kind',
  '__name__',
  'service',
  'none',
  'a.b',
  'U__a_2e_b',
  'é',
  'a-b',
  '1a',
  'a b',
  'offset',
];

const range = { start: `${BEGIN}`, end: `${END}`, step: '1' };

const form = (path: string, parameters: Record<string, string | readonly string[]> = {}): Form => ({
  path,
  parameters: Object.entries(parameters).flatMap(([name, values]) =>
    [values].flat().map((value): [string, string] => [name, value]),
  ),
});

/** The routes, each with the forms of each of its parameters. */
export const FORMS: readonly Form[] = [
  ...EXPRESSIONS.map((query) => form('query', { query, time: range.end })),
  ...['t', 't[5m]', '1', '"a"', ''].map((query) => form('query_range', { ...range, query })),
  ...TIMES.flatMap((time) => [
    form('query', { query: 't', time }),
    form('query_range', { ...range, query: 't', start: time, end: time }),
    form('series', { 'match[]': 't', start: time }),
    form('series', { 'match[]': 't', end: time }),
    form('labels', { start: time }),
    form('labels', { end: time }),
    form('label/kind/values', { start: time }),
    form('label/kind/values', { end: time }),
    form('query_exemplars', { query: 't', start: time, end: time }),
  ]),
  ...DURATIONS.flatMap((duration) => [
    form('query_range', { ...range, query: 't', step: duration }),
    form('query', { query: 't', timeout: duration }),
    form('query_range', { ...range, query: 't', timeout: duration }),
  ]),
  ...LIMITS.flatMap((limit) => [
    form('metadata', { limit }),
    form('labels', { limit }),
    form('series', { 'match[]': 't', limit }),
  ]),
  ...SELECTORS.flatMap((match) => [
    form('series', { 'match[]': match }),
    form('labels', { 'match[]': match }),
    form('label/kind/values', { 'match[]': [match, 't'] }),
  ]),
  ...LABELS.map((label) => form(`label/${encodeURIComponent(label)}/values`)),
  form('metadata'),
  form('metadata', { metric: '' }),
  form('metadata', { metric: 't' }),
  form('metadata', { metric: 'a b' }),
  form('query_exemplars', { query: 't' }),
  form('query_exemplars', { query: 't', start: '0' }),
  form('query_exemplars', { query: 't', end: range.end }),
  form('query_exemplars', {}),
  form('query_exemplars', { query: '' }),
  form('query', {}),
  form('query', { query: ['t', '1'] }),
  form('query', { query: 't', unknown: 'x' }),
  form('query_range', { query: 't' }),
  form('query_range', { query: 't', start: '2', end: '1', step: '1' }),
  form('query_range', { query: 't', start: '0', end: '11000', step: '1' }),
  form('query_range', { query: 't', start: '0', end: '11000.5', step: '1' }),
  form('query_range', { query: 't', start: '0', end: '11001', step: '1' }),
  form('series'),
  form('series', { 'match[]': ['t', 'secret'] }),
  form('series', { 'match[]': ['t', 't'] }),
  form('series', { 'match[]': '' }),
  form('labels', { 'match[]': '' }),
  form('series', { 'match[]': 't', start: '2', end: '1' }),
  form('labels', { start: '2', end: '1' }),
  form('rules'),
  form('rules', { type: 'alert' }),
  form('alerts'),
  form('status/buildinfo'),
  form('status/flags'),
  form('format_query', { query: 't' }),
];
