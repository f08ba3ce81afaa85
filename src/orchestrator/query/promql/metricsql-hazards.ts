import { QueryError } from '../../../shared/errors.ts';
import { checkRegex, MAX_DEPTH, MAX_LABEL_FACTOR } from './amplification.ts';
import type { Evaluation } from './evaluation-points.ts';
import { MAX_COUNTED_CELLS } from './evaluation-points.ts';
import { type MetricsqlToken, tokensOf } from './metricsql-tokens.ts';
import { AGGREGATIONS, MAX_SECONDS } from './upstream-hazards.ts';

/*
 * With QUERY_DIALECT=metricsql the orchestrator does not parse queries that are no PromQL. It looks at their tokens and
 * refuses what VictoriaMetrics does not survive: the panics of upstream-hazards.ts, those of functions that only
 * MetricsQL has, and templates whose expansion grows faster than the query. It refuses some queries that are harmless.
 */

const KEYWORDS: ReadonlySet<string> = new Set(
  'bool on ignoring group_left group_right and or unless if ifnot default by without with offset limit inf nan'.split(
    ' ',
  ),
);
const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|[smhdwyi]))+$/;
const DURATION_PART = /(\d+(?:\.\d+)?)(ms|[smhdwyi])/g;
/** `i` is the step of the query, which may be some thousand years. */
const UNIT_SECONDS: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  m: 60,
  h: 3_600,
  d: 86_400,
  w: 604_800,
  y: 31_536_000,
  i: 1_000_000,
};
const NUMBER = /^(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const SMALL_INTEGER = /^\d{1,9}$/;
const MAX_EXPANDED_TOKENS = 10_000;

type Refuse = (expected: string, got: string) => never;

/** Throws bad_data for a query that would end VictoriaMetrics, or take what does not depend on its data. */
export function checkMetricsqlHazards(query: string, name: string, evaluation: Evaluation): void {
  const refuse: Refuse = (expected, got) => {
    throw new QueryError('bad_data', `${name}: expected ${expected}; got ${got.slice(0, 100)}`);
  };
  const tokens = tokensOf(query);
  for (const [i, token] of tokens.entries()) {
    const around = { previous: tokens[i - 1], next: tokens[i + 1], after: tokens[i + 2] };
    if (token.kind === 'number') checkNumber(token, around, refuse);
    else if (token.kind === 'name') checkName(token, around, refuse);
    else if (token.kind === 'string') checkString(token, around, afterBrackets(tokens, i + 1), refuse);
    else if (token.text === '@' && around.next?.text === '+') refuse('no + after @', '@ +');
    if (token.value === 'limit_offset') checkLimitOffset(tokens.slice(i + 1, i + 6), refuse);
  }
  checkGrowth(tokens, refuse);
  checkTemplates(tokens, refuse);
  checkCountValues(tokens, evaluation, refuse);
}

interface Around {
  readonly previous: MetricsqlToken | undefined;
  readonly next: MetricsqlToken | undefined;
  readonly after: MetricsqlToken | undefined;
}

/** `up[0x10]`, `up[1M]`, `5m-i`: VictoriaMetrics takes each for a duration, and panics when it reads it. */
function checkNumber(
  { text, touchesNext }: MetricsqlToken,
  { previous, next, after }: Around,
  refuse: Refuse,
): void {
  const isDuration = DURATION.test(text);
  if (!isDuration && !NUMBER.test(text)) refuse('a decimal number, or a duration such as 5m', text);
  const isTime = isDuration || /^(?:\[|:|@|-|offset)$/i.test(previous?.text ?? '');
  if (isTime && secondsOf(text) > MAX_SECONDS) refuse('at most 292 years, and at most 9000i', text);
  if (isDuration && touchesNext && next?.text === '-' && next.touchesNext) {
    refuse('a space before the - after a duration', `${text}-${after?.text ?? ''}`);
  }
}

function secondsOf(text: string): number {
  if (!DURATION.test(text)) return Number(text);
  return [...text.matchAll(DURATION_PART)].reduce(
    (sum, [, count, unit = '']) => sum + Number(count) * (UNIT_SECONDS[unit] ?? 0),
    0,
  );
}

/** A name that VictoriaMetrics reads as a word of its grammar when it parses a second time what it has printed. */
function checkName(
  { text, value, isInBraces }: MetricsqlToken,
  { next, after }: Around,
  refuse: Refuse,
): void {
  if (value === '__name__' && isInBraces) checkNameMatcher(next, after, refuse);
  if (isInBraces) return;
  const word = value.toLowerCase();
  if (AGGREGATIONS.has(word) && !/^(?:\(|by|without)$/i.test(next?.text ?? '')) {
    refuse(`a bracket after ${word}, or another name of a metric`, `${text} ${next?.text ?? ''}`);
  }
  if (KEYWORDS.has(word) && (next?.text === '{' || text !== value))
    refuse('no metric with the name of a keyword', text);
}

function checkNameMatcher(
  operator: MetricsqlToken | undefined,
  name: MetricsqlToken | undefined,
  refuse: Refuse,
): void {
  if (operator === undefined || !/^=~?$/.test(operator.text)) return;
  const word = name?.value.toLowerCase() ?? '';
  if (name?.kind !== 'string' || word === '' || AGGREGATIONS.has(word) || KEYWORDS.has(word)) {
    refuse('after __name__ the name of a metric that is no word of MetricsQL', name?.text ?? 'none');
  }
}

/** `"a" + up`: only strings may be added to a string. */
function checkString(
  { value, isInBraces }: MetricsqlToken,
  { previous, next, after }: Around,
  behind: MetricsqlToken | undefined,
  refuse: Refuse,
): void {
  checkRegex(value, refuse);
  const isAdded = next?.text === '+' || previous?.text === '+';
  if (isInBraces && isAdded) refuse('one string after a label', 'a sum');
  if (next?.text === '+' && after?.kind !== 'string')
    refuse('a string after the + of a string', after?.text ?? 'none');
  if (previous?.text === '(' && next?.text === ')' && behind?.text === '+')
    refuse('no + after a string in brackets', value);
}

/** The first token from `start` on that closes no bracket. */
function afterBrackets(tokens: readonly MetricsqlToken[], start: number): MetricsqlToken | undefined {
  let i = start;
  while (tokens[i]?.text === ')') i++;
  return tokens[i];
}

/** `slice bounds out of range` for what is not known to be a small number. */
function checkLimitOffset(
  [bracket, limit, comma, offset, end]: readonly MetricsqlToken[],
  refuse: Refuse,
): void {
  const isPlain = [limit, offset].every((each) => SMALL_INTEGER.test(each?.text ?? ''));
  const isCall = bracket?.text === '(' && comma?.text === ',' && end?.text === ',';
  if (!isPlain || !isCall) refuse('two whole numbers as the first arguments of limit_offset', 'others');
}

/** How many times longer a call may make a label: each call multiplies what the calls in it have made. */
function checkGrowth(tokens: readonly MetricsqlToken[], refuse: Refuse): void {
  let factor = 1;
  for (const [i, { value, kind }] of tokens.entries()) {
    if (kind !== 'name' || !/^label_(?:join|replace|transform)$/i.test(value)) continue;
    factor *= growthOf(value.toLowerCase(), argumentsAt(tokens, i + 1));
  }
  if (factor > MAX_LABEL_FACTOR) {
    refuse(
      'label_join, label_replace and label_transform to make labels some 256 times longer at most',
      `${factor}`,
    );
  }
  const operators = tokens.filter(
    ({ kind, isInBraces, text }) => !isInBraces && kind === 'sign' && !/[(){}[\],]/.test(text),
  );
  if (operators.length > MAX_DEPTH) refuse(`at most ${MAX_DEPTH} operators`, `${operators.length}`);
}

function growthOf(name: string, given: readonly (readonly MetricsqlToken[])[]): number {
  if (name === 'label_join') return given.length;
  const text = given[name === 'label_replace' ? 2 : 3]?.[0]?.value ?? '';
  return name === 'label_replace' ? text.split('$').length : Math.max(1, text.length);
}

/** The tokens of each argument of a call whose bracket is at `start`, without those of calls in them. */
function argumentsAt(tokens: readonly MetricsqlToken[], start: number): MetricsqlToken[][] {
  const given: MetricsqlToken[][] = [[]];
  let depth = 0;
  for (let i = start; i < tokens.length; i++) {
    const token = tokens[i] as MetricsqlToken; // i is below the length
    if (/^[({[]$/.test(token.text)) depth++;
    else if (/^[)}\]]$/.test(token.text)) depth--;
    if (depth === 0) break;
    if (depth === 1 && token.text === ',') given.push([]);
    else if (depth === 1 && i > start) given.at(-1)?.push(token);
  }
  return given;
}

/**
 * `WITH (a = up + up, b = a + a) b + b` doubles with each name, so what it expands to is counted first. Templates with
 * parameters are refused: they cannot be counted so simply.
 */
function checkTemplates(tokens: readonly MetricsqlToken[], refuse: Refuse): void {
  const isWith = ({ kind, value, isInBraces }: MetricsqlToken) =>
    kind === 'name' && !isInBraces && /^with$/i.test(value);
  const at = tokens.findIndex(isWith);
  if (at === -1) return;
  if (tokens.filter(isWith).length > 1) refuse('WITH once', 'it more often');
  const sizes = new Map<string, number>();
  const sizeOf = (part: readonly MetricsqlToken[]) =>
    part.reduce((sum, { kind, value }) => sum + (kind === 'name' ? (sizes.get(value) ?? 1) : 1), 0);
  let hasString = false;
  let end = at + 2;
  for (const definition of definitionsAt(tokens, at + 1)) {
    const [name, equals, ...expression] = definition;
    end += definition.length + 1;
    if (name === undefined) continue;
    if (name.kind !== 'name' || equals?.text !== '=') refuse('names without parameters in WITH', name.text);
    hasString ||= expression.find(({ text }) => text !== '(')?.kind === 'string';
    sizes.set(name.value, sizeOf(expression));
  }
  if (hasString && tokens.some(({ text }) => text === '+')) refuse('no + beside a string in WITH', 'both');
  const size = Math.max(sizeOf(tokens.slice(end)), ...sizes.values());
  if (size > MAX_EXPANDED_TOKENS)
    refuse(`WITH to expand to at most ${MAX_EXPANDED_TOKENS} tokens`, `${size}`);
}

/** The definitions of a WITH whose bracket is at `start`, with all of their tokens. */
function definitionsAt(tokens: readonly MetricsqlToken[], start: number): MetricsqlToken[][] {
  const definitions: MetricsqlToken[][] = [[]];
  let depth = 0;
  for (const token of tokens.slice(start)) {
    if (/^[({[]$/.test(token.text)) depth++;
    else if (/^[)}\]]$/.test(token.text)) depth--;
    if (depth === 0) break;
    if (depth === 1 && token.text === ',') definitions.push([]);
    else if (depth > 1 || token.text !== '(' || definitions.length > 1 || definitions[0]?.length)
      definitions.at(-1)?.push(token);
  }
  return definitions;
}

function checkCountValues(
  tokens: readonly MetricsqlToken[],
  { range, step }: Evaluation,
  refuse: Refuse,
): void {
  const count = tokens.filter(({ value }) => /^count_values$/i.test(value)).length;
  if (count === 0) return;
  if (tokens.some(({ text }) => text === '[')) refuse('no window beside count_values', 'one');
  const cells = count * (range / step + 1) ** 2;
  if (cells > MAX_COUNTED_CELLS)
    refuse('count_values at 2000 points at most', `${Math.ceil(Math.sqrt(cells))}`);
}
