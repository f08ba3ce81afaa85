import { QueryError } from '../../../shared/errors.ts';
import { type Expression, operatorOf } from './expressions.ts';
import { AGGREGATION_PARAMETERS, FUNCTIONS, type ValueType } from './functions.ts';

const COMPARISONS: ReadonlySet<string> = new Set(['Eql', 'Neq', 'Lte', 'Lss', 'Gte', 'Gtr']);
export const SET_OPERATORS: ReadonlySet<string> = new Set(['And', 'Or', 'Unless']);
const SELECTORS: ReadonlySet<string> = new Set(['VectorSelector', 'MatrixSelector', 'SubqueryExpr']);

/** What may follow a selector, each at most once. */
const MODIFIERS: ReadonlySet<string> = new Set([
  'OffsetExpr',
  'StepInvariantExpr',
  'AnchoredExpr',
  'SmoothedExpr',
]);

type Refuse = (expected: string, got: string) => never;

/**
 * Gives each expression its type. Throws bad_data where Prometheus finds a type wrong: VictoriaMetrics makes something
 * of most such expressions, which nobody meant, and panics at some. `expressions` come innermost first.
 */
export function checkTypes(expressions: readonly Expression[], query: string, name: string): void {
  for (const expression of expressions) {
    const { from } = expression;
    expression.type = typeOf(expression, query, (expected, got) => {
      const near = JSON.stringify(query.slice(from, from + 40));
      const place = `character ${from + 1}, near ${near}`;
      throw new QueryError('bad_data', `${name}: expected ${expected}; got ${got}, at ${place}`);
    });
  }
}

function typeOf(expression: Expression, query: string, refuse: Refuse): ValueType {
  const { kind, node, parts } = expression;
  const type = parts[0]?.type;
  switch (kind) {
    case 'NumberDurationLiteral':
      return 'scalar';
    case 'StringLiteral':
      return 'string';
    case 'VectorSelector':
      return 'instant vector';
    case 'ParenExpr':
      return type ?? 'scalar';
    case 'UnaryExpr':
      if (!isOperand(type)) refuse('a scalar or an instant vector after a sign', named(type));
      return type ?? 'scalar';
    case 'MatrixSelector':
      return rangeType(parts[0], refuse);
    case 'SubqueryExpr':
      expectType(type, 'instant vector', 'in a subquery', refuse);
      return 'range vector';
    case 'BinaryExpr':
      return binaryType(expression, refuse);
    case 'FunctionCall':
    case 'AggregateExpr': {
      const name = query.slice(node.firstChild?.from, node.firstChild?.to);
      const types = parts.map((part) => part.type);
      return kind === 'FunctionCall'
        ? callType(name, types, refuse)
        : aggregationType(name.toLowerCase(), types, refuse);
    }
    default:
      return modifiedType(expression, refuse);
  }
}

function named(type: ValueType | undefined): string {
  if (type === undefined) return 'none';
  return `${type === 'instant vector' ? 'an' : 'a'} ${type}`;
}

function expectType(type: ValueType | undefined, wanted: ValueType, where: string, refuse: Refuse): void {
  if (type !== wanted) refuse(`${named(wanted)} ${where}`, named(type));
}

function isOperand(type: ValueType | undefined): boolean {
  return type === 'scalar' || type === 'instant vector';
}

/** A range such as [5m] follows a selector that has no other suffix. */
function rangeType(given: Expression | undefined, refuse: Refuse): ValueType {
  let base = given;
  while (base?.kind === 'AnchoredExpr' || base?.kind === 'SmoothedExpr') base = base.parts[0];
  if (base?.kind !== 'VectorSelector') {
    refuse('a selector before a range; a subquery has a colon, as in [5m:]', 'another expression');
  }
  return 'range vector';
}

function binaryType({ node, parts }: Expression, refuse: Refuse): ValueType {
  const operator = operatorOf(node)?.name ?? '';
  const types = parts.map(({ type }) => type);
  const wrong = types.find((type) => !isOperand(type));
  if (wrong !== undefined) refuse('scalars and instant vectors beside an operator', named(wrong));
  const isComparison = COMPARISONS.has(operator);
  const isSet = SET_OPERATORS.has(operator);
  const hasBool = node.getChild('BoolModifier') !== null;
  const ofScalars = types.every((type) => type === 'scalar');
  const ofVectors = !types.includes('scalar');
  if (hasBool && !isComparison) refuse('bool after a comparison only', 'it after another operator');
  if (ofScalars && isComparison && !hasBool) refuse('bool after a comparison of scalars', 'none');
  if (isSet && !ofVectors) refuse('instant vectors beside and, or, unless', 'a scalar');
  const matching = node.getChild('MatchingModifierClause');
  if (matching?.getChild('GroupingLabels')?.getChild('LabelName') && !ofVectors) {
    refuse('instant vectors beside an operator with on or ignoring', 'a scalar');
  }
  if (isSet && (matching?.getChild('GroupLeft') || matching?.getChild('GroupRight'))) {
    refuse('no group_left and group_right after and, or, unless', 'one');
  }
  return ofScalars ? 'scalar' : 'instant vector';
}

function callType(name: string, types: readonly ValueType[], refuse: Refuse): ValueType {
  const signature = FUNCTIONS.get(name);
  if (signature === undefined) return refuse('a function of PromQL', JSON.stringify(name));
  const { parameters, optional, repeats, returns } = signature;
  const least = parameters.length - optional;
  const most = repeats ? Number.POSITIVE_INFINITY : parameters.length;
  if (types.length < least || types.length > most) {
    const some = repeats ? `at least ${least}` : least === most ? `${least}` : `${least} to ${most}`;
    refuse(`${some} ${some === '1' ? 'argument' : 'arguments'} in the call of ${name}`, `${types.length}`);
  }
  for (const [i, type] of types.entries()) {
    const wanted = parameters[Math.min(i, parameters.length - 1)];
    if (wanted !== undefined) expectType(type, wanted, `in the call of ${name}`, refuse);
  }
  return returns;
}

function aggregationType(name: string, types: readonly ValueType[], refuse: Refuse): ValueType {
  const parameter = AGGREGATION_PARAMETERS.get(name);
  const count = parameter === undefined ? 1 : 2;
  if (types.length !== count) {
    refuse(`${count} ${count === 1 ? 'argument' : 'arguments'} in the call of ${name}`, `${types.length}`);
  }
  if (parameter !== undefined) expectType(types[0], parameter, `as the parameter of ${name}`, refuse);
  expectType(types.at(-1), 'instant vector', `in the call of ${name}`, refuse);
  return 'instant vector';
}

/** `offset`, `@` and their like follow a selector or a subquery. */
function modifiedType({ kind, parts }: Expression, refuse: Refuse): ValueType {
  let base = parts[0];
  while (base !== undefined && MODIFIERS.has(base.kind)) {
    if (base.kind === kind) refuse('offset and @ once after a selector', 'one of them twice');
    base = base.parts[0];
  }
  if (base === undefined || !SELECTORS.has(base.kind)) {
    return refuse('a selector or a subquery before offset and @', 'another expression');
  }
  return base.type;
}
