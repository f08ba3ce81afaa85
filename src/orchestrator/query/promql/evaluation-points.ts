import type { SyntaxNode } from '@lezer/common';
import { QueryError } from '../../../shared/errors.ts';
import { operatorOf } from './expressions.ts';
import { parsePromqlDuration } from './numbers.ts';

/** As VictoriaMetrics has it (`-search.maxPointsPerTimeseries`); Prometheus allocates what is asked, and dies. */
const MAX_SUBQUERY_POINTS = 30_000;

/** The same where no step is given, which is a minute in Prometheus and the query's own step in VictoriaMetrics. */
const MAX_POINTS_BY_MINUTE = 1_000_000;
const MINUTE = 60;

/** VictoriaMetrics makes a series of all points for each value, and there may be as many values as points. */
export const MAX_COUNTED_CELLS = 4_000_000;

/** What VictoriaMetrics looks back further in a subquery. */
const SILENCE_SECONDS = 300;

/** The times at which a query is evaluated, in seconds; an instant query has the range 0. */
export interface Evaluation {
  readonly range: number;
  readonly step: number;
}

/**
 * Throws bad_data for a query that is evaluated at more times in a subquery than a TSDB survives: `up[30d:1ms]` takes
 * Prometheus 62 GB, whatever the data. `root` is the tree's top.
 */
export function checkEvaluationPoints(
  root: SyntaxNode,
  evaluation: Evaluation,
  { query, name = 'query' }: { readonly query: string; readonly name?: string },
): void {
  if (!query.includes('[') && !/count_values/i.test(query)) return;
  const evaluations = [evaluation];
  let cells = 0;
  root.cursor().iterate(
    ({ name: kind, node }) => {
      const around = evaluations.at(-1) ?? evaluation;
      if (kind === 'SubqueryExpr') evaluations.push(checkedSubquery(node, around, { query, name }));
      if (kind === 'CountValues') cells += (around.range / around.step + 1) ** 2;
    },
    ({ name: kind }) => {
      if (kind === 'SubqueryExpr') evaluations.pop();
    },
  );
  if (cells > MAX_COUNTED_CELLS) {
    const [most, got] = [MAX_COUNTED_CELLS, cells].map((each) => Math.ceil(Math.sqrt(each)));
    throw new QueryError(
      'bad_data',
      `${name}: expected count_values at ${most} points at most, or fewer where it comes more than once; got ${got}. Use a larger step.`,
    );
  }
}

function checkedSubquery(
  subquery: SyntaxNode,
  around: Evaluation,
  { query, name }: { readonly query: string; readonly name: string },
): Evaluation {
  const [window, resolution] = subquery.getChildren('DurationExpr');
  const text = ({ from, to }: { from: number; to: number }) => query.slice(from, to);
  const length = window === undefined ? 0 : lengthOf(window, text, around);
  const range = around.range + length;
  const step = resolution === undefined ? Math.min(around.step, MINUTE) : lengthOf(resolution, text, around);
  const most = resolution === undefined ? MAX_POINTS_BY_MINUTE : MAX_SUBQUERY_POINTS;
  const points = Math.floor(range / (resolution === undefined ? MINUTE : step)) + 1;
  if (!(points <= most)) {
    const got = Number.isFinite(points) ? points : 'no number of them';
    const shown = JSON.stringify(query.slice(subquery.from, subquery.to).slice(-100));
    throw new QueryError(
      'bad_data',
      `${name}: expected at most ${most} points in a subquery; got ${got} in ${shown}. Use a larger step.`,
    );
  }
  return { range: range + SILENCE_SECONDS, step };
}

/** The seconds of a duration, which Prometheus 3 may have to work out. NaN where they cannot be told. */
export function lengthOf(
  duration: SyntaxNode,
  text: (at: { readonly from: number; readonly to: number }) => string,
  around: Evaluation,
): number {
  const first = duration.firstChild;
  if (first === null) return Number.NaN;
  const inner = [...duration.getChildren('DurationExpr'), ...duration.getChildren('OffsetDurationExpr')].map(
    (part) => lengthOf(part, text, around),
  );
  const [left = Number.NaN, right = Number.NaN] = inner;
  switch (first.name) {
    case 'NumberDurationLiteralInDurationContext':
      return parsePromqlDuration(text(first));
    case 'DurationStep':
      return around.step;
    case 'DurationRange':
      return around.range;
    case 'DurationMinOf':
      return Math.min(left, right);
    case 'DurationMaxOf':
      return Math.max(left, right);
    case 'UnaryOp':
      return text(first) === '-' ? -left : left;
    default:
      return calculated(operatorOf(duration)?.name, left, right);
  }
}

function calculated(operator: string | undefined, left: number, right: number): number {
  switch (operator) {
    case 'Add':
      return left + right;
    case 'Sub':
      return left - right;
    case 'Mul':
      return left * right;
    case 'Div':
      return left / right;
    case 'Mod':
      return left % right;
    case 'Pow':
      return left ** right;
    default: // in parentheses
      return left;
  }
}
