import type { SyntaxNode, Tree } from '@lezer/common';
import { QueryError } from '../../../shared/errors.ts';
import { lengthOf } from './evaluation-points.ts';
import { type Expression, expressionsOf, operatorOf } from './expressions.ts';
import { FUNCTIONS, type ValueType } from './functions.ts';
import { parsePromqlDuration } from './numbers.ts';
import { stringValue } from './strings.ts';
import { checkTypes, SET_OPERATORS } from './types.ts';

/** A node in the form of Prometheus 3's `/api/v1/parse_query` (its web/api/v1/translate_ast.go). */
export type Description = Readonly<Record<string, unknown>>;

const SHOWN_TYPES: Readonly<Record<ValueType, string>> = {
  scalar: 'scalar',
  string: 'string',
  'instant vector': 'vector',
  'range vector': 'matrix',
};

/** Prometheus takes this many further arguments where the signature here says "any number". */
const MOST_FURTHER: Readonly<Record<string, number>> = { histogram_quantiles: 9 };

const UNKNOWN = { range: Number.NaN, step: Number.NaN };

type Text = (at: { readonly from: number; readonly to: number } | null | undefined) => string;

/** Describes a tree that was checked. Throws bad_data for a duration that only a time of evaluation would tell. */
export function describeSyntax(tree: Tree, query: string): Description {
  const text: Text = (at) => (at ? query.slice(at.from, at.to) : '');
  const expressions = expressionsOf(tree);
  checkTypes(expressions, query, 'query'); // gives each its type
  const described = new Map<Expression, Description>();
  let last: Description = {};
  for (const expression of expressions) {
    const parts = expression.parts.map((part) => described.get(part) ?? {});
    last = describe(expression, parts, text);
    described.set(expression, last);
  }
  return last;
}

function describe(expression: Expression, parts: readonly Description[], text: Text): Description {
  const { kind, node } = expression;
  const [first = {}] = parts;
  switch (kind) {
    case 'NumberDurationLiteral':
      return { type: 'numberLiteral', val: decimal(signedSeconds(text(node))) };
    case 'StringLiteral':
      return { type: 'stringLiteral', val: stringValue(text(node)) };
    case 'ParenExpr':
      return { type: 'parenExpr', expr: first };
    case 'UnaryExpr':
      return unary(text(node.getChild('UnaryOp')), first);
    case 'VectorSelector':
      return selector(node, text);
    case 'MatrixSelector':
      return { ...first, type: 'matrixSelector', range: milliseconds(node.getChild('DurationExpr'), text) };
    case 'SubqueryExpr': {
      const [range, step] = node.getChildren('DurationExpr');
      return {
        type: 'subquery',
        expr: first,
        range: milliseconds(range, text),
        offset: 0,
        step: step === undefined ? 0 : milliseconds(step, text),
        timestamp: null,
        startOrEnd: null,
      };
    }
    case 'BinaryExpr':
      return binary(expression, parts, text);
    case 'AggregateExpr':
      return aggregation(node, parts, text);
    case 'FunctionCall':
      return call(text(node.firstChild), parts);
    default:
      return { ...first, ...modifier(kind, node, text) };
  }
}

/** Prometheus folds the sign of a number into it. */
function unary(op: string, expr: Description): Description {
  if (expr.type !== 'numberLiteral') return { type: 'unaryExpr', op, expr };
  const { val } = expr as { val: string }; // as numberLiteral has
  const negated = val.startsWith('-') ? val.slice(1) : `-${val.replace('+', '')}`;
  return {
    type: 'numberLiteral',
    val: op === '-' ? negated.replace(/^Inf/, '+Inf').replace('-NaN', 'NaN') : val,
  };
}

function selector(node: SyntaxNode, text: Text): Description {
  const name = text(node.getChild('Identifier'));
  const matchers: Description[] = [];
  const list = node.getChild('LabelMatchers');
  for (let each = list?.firstChild ?? null; each !== null; each = each.nextSibling) {
    if (each.name === 'QuotedLabelName') {
      matchers.push({ name: '__name__', value: stringValue(text(each)), type: '=' });
    } else if (/^(?:Unq|Q)uotedLabelMatcher$/.test(each.name)) {
      const label = each.getChild('LabelName');
      matchers.push({
        name: label ? text(label) : stringValue(text(each.getChild('QuotedLabelName'))),
        value: stringValue(text(each.getChild('StringLiteral'))),
        type: text(each.getChild('MatchOp')),
      });
    }
  }
  if (name !== '') matchers.push({ name: '__name__', value: name, type: '=' });
  return {
    type: 'vectorSelector',
    name,
    offset: 0,
    matchers,
    timestamp: null,
    startOrEnd: null,
    anchored: false,
    smoothed: false,
  };
}

function modifier(kind: string, node: SyntaxNode, text: Text): Description {
  if (kind === 'OffsetExpr') return { offset: milliseconds(node.getChild('OffsetDurationExpr'), text) };
  if (kind === 'AnchoredExpr') return { anchored: true };
  if (kind === 'SmoothedExpr') return { smoothed: true };
  const time = node.getChild('NumberDurationLiteral');
  if (time !== null) return { timestamp: Math.round(signedSeconds(text(time)) * 1000) };
  return { startOrEnd: text(node.getChild('AtModifierPreprocessors')).toLowerCase() };
}

function binary(
  { node, parts: operands }: Expression,
  [lhs, rhs]: readonly Description[],
  text: Text,
): Description {
  const operator = operatorOf(node);
  const ofVectors = operands.every(({ type }) => type === 'instant vector');
  return {
    type: 'binaryExpr',
    op: text(operator).toLowerCase(),
    lhs,
    rhs,
    matching: ofVectors ? matching(node, SET_OPERATORS.has(operator?.name ?? ''), text) : null,
    bool: node.getChild('BoolModifier') !== null,
  };
}

function matching(node: SyntaxNode, isSet: boolean, text: Text): Description {
  const clause = node.getChild('MatchingModifierClause');
  const [left, right] = [clause?.getChild('GroupLeft'), clause?.getChild('GroupRight')];
  const lists = clause?.getChildren('GroupingLabels') ?? [];
  const fills: Record<string, number | null> = { lhs: null, rhs: null };
  let fill = node.getChild('FillModifier')?.firstChild ?? null;
  for (; fill !== null; fill = fill.nextSibling) {
    const value = signedSeconds(text(fill.getChild('NumberDurationLiteral')));
    if (fill.name !== 'FillRightClause') fills.lhs = value;
    if (fill.name !== 'FillLeftClause') fills.rhs = value;
  }
  return {
    card: left ? 'many-to-one' : right ? 'one-to-many' : isSet ? 'many-to-many' : 'one-to-one',
    labels: labelsOf(lists[0], text),
    on: Boolean(clause?.getChild('On')),
    include: labelsOf(lists[1], text),
    fillValues: fills,
  };
}

function aggregation(node: SyntaxNode, parts: readonly Description[], text: Text): Description {
  const clause = node.getChild('AggregateModifier');
  return {
    type: 'aggregation',
    op: text(node.getChild('AggregateOp')).toLowerCase(),
    expr: parts.at(-1),
    param: parts.length > 1 ? parts[0] : null,
    grouping: labelsOf(clause?.getChild('GroupingLabels'), text),
    without: Boolean(clause?.getChild('Without')),
  };
}

function labelsOf(list: SyntaxNode | null | undefined, text: Text): string[] {
  const labels: string[] = [];
  for (let each = list?.firstChild ?? null; each !== null; each = each.nextSibling) {
    if (each.name === 'LabelName') labels.push(text(each));
    if (each.name === 'QuotedLabelName') labels.push(stringValue(text(each)));
  }
  return labels;
}

function call(name: string, args: readonly Description[]): Description {
  const { parameters = [], optional = 0, repeats = false, returns = 'scalar' } = FUNCTIONS.get(name) ?? {};
  const argTypes = parameters.map((type) => SHOWN_TYPES[type]);
  const variadic = MOST_FURTHER[name] ?? (repeats ? -1 : optional);
  return { type: 'call', func: { name, argTypes, variadic, returnType: SHOWN_TYPES[returns] }, args };
}

/** The value of a number or a duration; white space may stand between it and its sign. */
function signedSeconds(literal: string): number {
  const [, sign, rest = ''] = /^([+-]?)\s*([\s\S]*)$/.exec(literal) ?? [];
  const value = parsePromqlDuration(rest);
  return sign === '-' ? -value : value;
}

function milliseconds(duration: SyntaxNode | null | undefined, text: Text): number {
  const seconds = duration ? lengthOf(duration, text, UNKNOWN) : Number.NaN;
  if (Number.isFinite(seconds)) return Math.round(seconds * 1000);
  throw new QueryError(
    'bad_data',
    `query: expected a duration that is known before the query runs; got ${text(duration)}`,
  );
}

/** As Go's FormatFloat(value, 'f', -1, 64): the shortest digits, and no exponent. */
export function decimal(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const [, whole = '', fraction = '', power = '0'] =
    /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(Math.abs(value))) ?? [];
  const exponent = Number(power);
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${whole}${fraction}`;
  const digits = fraction.padEnd(exponent, '0');
  const rest = digits.slice(exponent);
  return `${sign}${whole}${digits.slice(0, exponent)}${rest === '' ? '' : `.${rest}`}`;
}
