import type { SyntaxNode } from '@lezer/common';
import { QueryError } from '../../../shared/errors.ts';
import { type Expression, operatorOf } from './expressions.ts';
import { parsePromqlDuration } from './numbers.ts';
import { stringValue } from './strings.ts';

/**
 * What a TSDB does not survive, although it is PromQL. VictoriaMetrics ends its whole process at a panic in a query;
 * each rule names the panic of version 1.79.5 that it prevents. tests/slow/query-hazards.test.ts asks thousands
 * of generated queries to find further ones.
 */

/** The longest duration of Prometheus, 2^63 ns; sums of such lengths stay far from 2^63 ms. */
export const MAX_SECONDS = 2 ** 63 / 1e9;

/** `@` takes times that are this far from 1970, in seconds: 2^53 ms, so that they are whole milliseconds. */
const MAX_AT_SECONDS = 2 ** 53 / 1000;

/** Aggregations of MetricsQL, which looks for a bracket after such a name. */
export const AGGREGATIONS: ReadonlySet<string> = new Set(
  (
    'any avg bottomk bottomk_avg bottomk_max bottomk_median bottomk_last bottomk_min count count_values distinct ' +
    'geomean group histogram limitk mad max median min mode outliers_mad outliersk quantile quantiles stddev stdvar ' +
    'sum sum2 topk topk_avg topk_max topk_median topk_last topk_min zscore'
  ).split(' '),
);

const MODIFIERS: ReadonlySet<string> = new Set(['bool', 'on', 'ignoring', 'group_left', 'group_right']);
const WRAPPERS: ReadonlySet<string> = new Set(['ParenExpr', 'UnaryExpr', 'OffsetExpr', 'StepInvariantExpr']);
/** VictoriaMetrics prints and parses again what holds one of these. */
const OPERATIONS: ReadonlySet<string> = new Set(['BinaryExpr', 'UnaryExpr']);
const WORD_OPERATORS: ReadonlySet<string> = new Set(['And', 'Or', 'Unless', 'Atan2']);

/** A duration where a number stands. */
const WITH_UNIT = /^\d+(?:ms|[smhdwy])/;

type Read = (at: { readonly from: number; readonly to: number }) => string;
type Refuse = (expected: string, got: string) => never;

/** Throws bad_data for a query that would end the TSDB or take memory that does not depend on its data. */
export function checkHazards(expressions: readonly Expression[], query: string, name: string): void {
  const refuse: Refuse = (expected, got) => {
    throw new QueryError('bad_data', `${name}: expected ${expected}; got ${got}`);
  };
  const text: Read = ({ from, to }) => query.slice(from, to);
  const hasOperator = expressions.some(({ kind }) => OPERATIONS.has(kind));
  for (const expression of expressions) {
    checkExpression(expression, text, refuse);
    if (hasOperator && expression.kind === 'VectorSelector') checkNames(expression.node, text, refuse);
  }
}

function checkExpression(expression: Expression, text: Read, refuse: Refuse): void {
  const { kind, node } = expression;
  switch (kind) {
    case 'NumberDurationLiteral':
      checkNumber(node, text, refuse);
      break;
    case 'SubqueryExpr':
      checkAtInSubquery(expression, text, refuse);
      checkDurations(node, text, refuse);
      break;
    case 'MatrixSelector':
    case 'OffsetExpr':
      checkDurations(node, text, refuse);
      break;
    case 'StepInvariantExpr': {
      const time = node.getChild('NumberDurationLiteral');
      if (time !== null) checkAt(text(time), refuse);
      break;
    }
    case 'UnaryExpr':
    case 'BinaryExpr':
      checkOperands(expression, text, refuse);
      break;
  }
}

function checkDurations(node: SyntaxNode, text: Read, refuse: Refuse): void {
  for (const name of ['DurationExpr', 'OffsetDurationExpr']) {
    for (const duration of node.getChildren(name)) checkDuration(duration, text, refuse);
  }
}

/** VictoriaMetrics takes the brackets after `up @ +5[5m:]` for a part of the time: `cannot parse the expression`. */
function checkAtInSubquery({ parts: [inner] }: Expression, text: Read, refuse: Refuse): void {
  const time = inner?.kind === 'StepInvariantExpr' ? inner.node.getChild('NumberDurationLiteral') : null;
  if (time !== null && text(time).startsWith('+')) refuse('no + before a time in a subquery', text(time));
}

/** A number without its sign and what may stand between the two. */
function unsigned(literal: string): string {
  let start = literal.length;
  while (start > 0 && /\S/.test(literal.charAt(start - 1))) start--;
  return literal.slice(start).replace(/^[+-]/, '');
}

/** `BUG: cannot parse duration … too big duration`. */
function checkNumber(node: SyntaxNode, text: Read, refuse: Refuse): void {
  const literal = unsigned(text(node));
  if (!WITH_UNIT.test(literal)) return;
  if (parsePromqlDuration(literal) > MAX_SECONDS) refuse('a duration of at most 292 years', literal);
  checkNext(node, text, refuse);
}

/** VictoriaMetrics reads `5m-i` as one duration: `BUG: cannot parse duration "5m-i"`. */
function checkNext({ from, to }: SyntaxNode, text: Read, refuse: Refuse): void {
  if (/^-[smhdwyi]/.test(text({ from: to, to: to + 2 }))) {
    refuse('a space before the - after a duration', text({ from, to: to + 2 }));
  }
}

/**
 * `BUG: cannot parse duration "0x10"`; for lengths past 2^63 ms `Window must be non-negative` and `start cannot exceed
 * end`. It takes `5m-10m` for one duration, a negative one.
 */
function checkDuration(duration: SyntaxNode, text: Read, refuse: Refuse): void {
  const whole = text(duration);
  if (/^\d+[smhdwy][\da-z]*-\d/.test(whole)) refuse('a space before the - between durations', whole);
  duration.cursor().iterate((at) => {
    if (at.name !== 'NumberDurationLiteralInDurationContext') return;
    const literal = text(at.node);
    const seconds = parsePromqlDuration(literal);
    if (/^0x/i.test(literal) || !Number.isFinite(seconds)) {
      refuse('a duration such as 5m, or decimal seconds', literal);
    }
    if (seconds > MAX_SECONDS) refuse('a duration of at most 292 years', literal);
    if (WITH_UNIT.test(literal)) checkNext(at.node, text, refuse);
  });
}

/** Times past 2^63 ms, and no numbers: `start cannot exceed end`. */
function checkAt(literal: string, refuse: Refuse): void {
  const seconds = parsePromqlDuration(unsigned(literal));
  if (!(seconds <= MAX_AT_SECONDS)) refuse('a time in seconds after @', literal);
}

interface Names {
  /** The name before the braces, and the values of the matchers `__name__=`. */
  readonly all: ReadonlySet<string>;
  /** The one name where it is all that the selector matches; VictoriaMetrics leaves out what comes twice. */
  readonly bare: string | undefined;
}

function namesOf(selector: SyntaxNode, text: Read): Names {
  const identifier = selector.getChild('Identifier');
  const all = new Set(identifier === null ? [] : [text(identifier)]);
  let isBare = true;
  for (const matcher of selector.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []) {
    const [label, operator, value] = ['LabelName', 'MatchOp', 'StringLiteral'].map((part) => {
      const node = matcher.getChild(part);
      return node === null ? '' : text(node);
    });
    if (label === '__name__' && operator === '=') all.add(stringValue(value ?? ''));
    else isBare = false;
  }
  const [first] = all;
  return { all, bare: isBare && all.size === 1 ? first : undefined };
}

/**
 * Printed as it is, such a name is a number before a brace, or nothing at all: `cannot parse the expression`. Prometheus
 * takes no selector without a name and a matcher either.
 */
function checkNames(selector: SyntaxNode, text: Read, refuse: Refuse): void {
  const { all, bare } = namesOf(selector, text);
  const number = [...all].find((name) => /^(?:inf|nan)$/i.test(name));
  if (number !== undefined) refuse('no metric with the name of a number beside operators', number);
  if (bare === '') refuse('a matcher that is not empty', text(selector));
}

/**
 * VictoriaMetrics prints the query and parses it again, with `min` for `min{}` or `{__name__="min"}`: a name that is a
 * word of its grammar is then read as this word. `cannot parse the expression "min and up"`.
 */
function checkOperands({ node, parts }: Expression, text: Read, refuse: Refuse): void {
  const operator = parts.length === 2 ? operatorOf(node) : null;
  const isWord = operator !== null && WORD_OPERATORS.has(operator.name);
  for (const [i, part] of parts.entries()) {
    const { selector, isSuffixed } = selectorIn(part);
    if (selector === undefined) continue;
    const { all, bare } = namesOf(selector, text);
    const modifier = [...all].find((name) => MODIFIERS.has(name.toLowerCase()));
    if (modifier !== undefined) refuse('no metric with the name of a modifier beside an operator', modifier);
    const isRead = bare !== undefined && AGGREGATIONS.has(bare.toLowerCase());
    if (isRead && isWord && i === 0 && !isSuffixed) {
      const better = `a matcher beside the name ${bare} before ${text(operator)}, as ${bare}{job!=""}`;
      refuse(better, 'the name of an aggregation alone');
    }
  }
}

/** The selector of an operand, in parentheses and after signs, some of which VictoriaMetrics leaves out. */
function selectorIn(operand: Expression): { readonly selector?: SyntaxNode; readonly isSuffixed: boolean } {
  let expression: Expression | undefined = operand;
  let isSuffixed = false;
  while (expression !== undefined && WRAPPERS.has(expression.kind)) {
    isSuffixed ||= expression.kind === 'OffsetExpr' || expression.kind === 'StepInvariantExpr';
    expression = expression.parts[0];
  }
  return expression?.kind === 'VectorSelector' ? { selector: expression.node, isSuffixed } : { isSuffixed };
}
