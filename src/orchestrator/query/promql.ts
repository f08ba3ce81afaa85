import type { Tree } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import { QueryError } from '../../shared/errors.ts';
import { RecentMap } from '../../shared/recent-map.ts';
import { checkAmplification, checkDepth } from './promql/amplification.ts';
import { checkEvaluationPoints, type Evaluation } from './promql/evaluation-points.ts';
import { expressionsOf } from './promql/expressions.ts';
import { checkMetricsqlHazards } from './promql/metricsql-hazards.ts';
import { parserSpelling } from './promql/spellings.ts';
import { checkTypes } from './promql/types.ts';
import { checkHazards } from './promql/upstream-hazards.ts';

const MAX_QUERY_BYTES = 16 * 1024;

/** The parser takes long for deeper ones. Nobody writes them. */
const MAX_NESTING = 100;

/** A string may lack its end: it must not be searched again from each quote in it. */
const STRING_COMMENT_PARENTHESIS = /"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?|`[^`]*`?|#.*|[()]/g;

const CLOSED_STRING = /^(?:"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`[^`]*`)$/;

/** The default parser tries to repair wrong texts. That takes a second for some texts of 16 KiB. */
const strictParser = parser.configure({ strict: true });

/** Throws bad_data unless `query` is PromQL of at most 16 KiB. The message names the place of a syntax error. */
export function checkPromql(query: string, name = 'query'): void {
  checkQuerySize(query, name);
  parsePromql(query, name);
}

/**
 * Throws bad_data for MetricsQL that VictoriaMetrics does not survive. What is PromQL is checked as such; of the rest
 * only the tokens are looked at.
 */
export function checkMetricsql(query: string, name: string, evaluation: Evaluation): void {
  checkQuerySize(query, name);
  try {
    checkEvaluationPoints(parsePromql(query, name).topNode, evaluation, { query, name });
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    checkNesting(query, name);
    checkMetricsqlHazards(query, name, evaluation);
  }
}

/** Throws bad_data unless `selector` is one series selector such as `up{job="a"}`. */
export function checkSelector(selector: string, name: string): void {
  checkQuerySize(selector, name);
  const { topNode } = parsePromql(selector, name);
  if (topNode.getChild('Expr')?.name === 'VectorSelector') return;
  throw new QueryError(
    'bad_data',
    `${name}: expected one series selector such as up{job="a"}; got ${JSON.stringify(selector.slice(0, 100))}`,
  );
}

/** Throws bad_data for a query that is empty or over 16 KiB. */
export function checkQuerySize(query: string, name = 'query'): void {
  if (query.trim() === '')
    throw new QueryError('bad_data', `${name}: expected an expression; got an empty one`);
  const size = Buffer.byteLength(query);
  if (size > MAX_QUERY_BYTES) {
    throw new QueryError('bad_data', `${name}: expected at most ${MAX_QUERY_BYTES} bytes; got ${size}`);
  }
}

const MAX_TREES = 100;
/** Trees of recent queries: dashboards send the same ones again and again. */
const trees = new RecentMap<string, Tree>(MAX_TREES);

/** Returns a syntax tree without errors. Throws bad_data. */
export function parsePromql(query: string, name = 'query'): Tree {
  const kept = trees.get(query);
  if (kept !== undefined) return kept;
  const tree = parseAnew(query, name);
  trees.set(query, tree);
  return tree;
}

/**
 * Refuses strings that end with their line. The parser accepts them and no TSDB does: a TSDB that reads on would see a
 * string where this parser sees a selector, and the other way round.
 */
function parseAnew(query: string, name: string): Tree {
  checkNesting(query, name);
  const tree = parseStrictly(query, name);
  const cursor = tree.cursor();
  do {
    const isOpenString =
      cursor.name === 'StringLiteral' && !CLOSED_STRING.test(query.slice(cursor.from, cursor.to));
    if (cursor.type.isError || isOpenString) throw unparsable(query, name, cursor.from);
  } while (cursor.next());
  const expressions = expressionsOf(tree);
  checkDepth(expressions, name);
  checkTypes(expressions, query, name);
  checkHazards(expressions, query, name);
  checkAmplification(expressions, query, name);
  return tree;
}

function parseStrictly(query: string, name: string): Tree {
  try {
    return strictParser.parse(query);
  } catch (error) {
    const spelling = parserSpelling(query);
    if (spelling !== query) return parseSpelling(spelling, query, name);
    throw unparsable(query, name, placeOf(error));
  }
}

function parseSpelling(spelling: string, query: string, name: string): Tree {
  try {
    return strictParser.parse(spelling);
  } catch (error) {
    throw unparsable(query, name, placeOf(error));
  }
}

/** All that the parser says is "No parse at 12". */
function placeOf(error: unknown): number {
  return Number(/\d+$/.exec((error as Error).message)?.[0] ?? 0);
}

function unparsable(query: string, name: string, position: number): QueryError {
  const near = query.slice(position, position + 20);
  const place = `character ${position + 1}${near ? `, near ${JSON.stringify(near)}` : ' (the end)'}`;
  const hint = query.length > 2_000 ? '; the query may be too long for the parser' : '';
  return new QueryError('bad_data', `${name}: expected PromQL; cannot be parsed at ${place}${hint}`);
}

function checkNesting(query: string, name: string): void {
  let depth = 0;
  for (const [token] of query.matchAll(STRING_COMMENT_PARENTHESIS)) {
    if (token === '(') depth++;
    else if (token === ')') depth--;
    if (depth > MAX_NESTING) {
      throw new QueryError('bad_data', `${name}: expected at most ${MAX_NESTING} nested parentheses`);
    }
  }
}
