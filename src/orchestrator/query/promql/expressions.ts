import type { SyntaxNode, Tree } from '@lezer/common';
import type { ValueType } from './functions.ts';

/** An expression of PromQL, with the expressions that it is made of. */
export interface Expression {
  /** As the grammar names it, such as BinaryExpr. */
  readonly kind: string;
  readonly node: SyntaxNode;
  /** Where its text begins. */
  readonly from: number;
  readonly parts: Expression[];
  type: ValueType;
}

/** What follows a selector or a subquery, or makes one. */
const SUFFIXES: ReadonlySet<string> = new Set([
  'MatrixSelector',
  'SubqueryExpr',
  'OffsetExpr',
  'StepInvariantExpr',
  'AnchoredExpr',
  'SmoothedExpr',
]);

/**
 * The expressions of a tree, each after its parts; the last is the whole. The grammar hangs a suffix on all that stands
 * before it, so that `a + b offset 5m` looks like `(a + b) offset 5m`; here it belongs to `b`, as in Prometheus. Trees
 * can be too deep for recursion.
 */
export function expressionsOf(tree: Tree): Expression[] {
  const open: Expression[] = [];
  let root: Expression | undefined;
  const close = (expression: Expression) => {
    const parent = open.at(-1);
    if (parent === undefined) root = expression;
    else parent.parts.push(expression);
  };
  tree.iterate({
    enter: (at) => {
      const { type, name, from } = at;
      if (name === 'GroupingLabels' || name === 'FillModifier') return false; // their strings and numbers are no operands
      if (!type.is('Expr')) return;
      const expression: Expression = { kind: name, node: at.node, from, parts: [], type: 'scalar' };
      // The strings of its matchers are no expressions.
      if (name === 'VectorSelector') {
        close(expression);
        return false;
      }
      open.push(expression);
      return;
    },
    leave: ({ type }) => {
      const closed = type.is('Expr') ? open.pop() : undefined;
      if (closed !== undefined) close(SUFFIXES.has(closed.kind) ? hangSuffix(closed) : closed);
    },
  });
  return root === undefined ? [] : innermostFirst(root);
}

/** The expression with the suffix on its last operand. */
function hangSuffix(suffix: Expression): Expression {
  const [all, ...others] = suffix.parts;
  let holder: Expression | undefined;
  let operand = all;
  while (operand?.kind === 'BinaryExpr' || operand?.kind === 'UnaryExpr') {
    holder = operand;
    operand = operand.parts.at(-1);
  }
  if (all === undefined || holder === undefined || operand === undefined) return suffix;
  holder.parts[holder.parts.length - 1] = { ...suffix, from: operand.from, parts: [operand, ...others] };
  return all;
}

function innermostFirst(root: Expression): Expression[] {
  const expressions: Expression[] = [];
  const waiting = [root];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    expressions.push(next);
    waiting.push(...next.parts);
  }
  return expressions.reverse();
}

/** The operator between two operands, before which a comment may stand. */
export function operatorOf(operation: SyntaxNode): SyntaxNode | null {
  let node = operation.firstChild?.nextSibling ?? null;
  while (node?.name === 'LineComment') node = node.nextSibling;
  return node;
}
