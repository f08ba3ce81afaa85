import type { SyntaxNode, Tree } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import { QueryError } from '../../shared/errors.ts';
import { checkAmplification, checkDepth } from './promql/amplification.ts';
import { expressionsOf } from './promql/expressions.ts';
import { parserSpelling } from './promql/spellings.ts';
import { checkTypes } from './promql/types.ts';
import { checkHazards } from './promql/upstream-hazards.ts';

const MAX_QUERY_BYTES = 16 * 1024;

/** Deeper ones, which nobody writes, take the parser long. */
const MAX_NESTING = 100;

/** Strings may be open, so that each is passed over once. */
const STRING_COMMENT_PARENTHESIS = /"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?|`[^`]*`?|#.*|[()]/g;

const CLOSED_STRING = /^(?:"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`[^`]*`)$/;

/** The usual one tries to make sense of what is wrong, which takes a second for some texts of 16 KiB. */
const strictParser = parser.configure({ strict: true });

/** Throws bad_data unless `query` is PromQL of at most 16 KiB; a syntax error names its place. */
export function checkPromql(query: string, name = 'query'): void {
  checkQuerySize(query, name);
  parsePromql(query, name);
}

/** Throws bad_data unless `selector` is one series selector, as `up{job="a"}`. */
export function checkSelector(selector: string, name: string): void {
  checkQuerySize(selector, name);
  const { topNode } = parsePromql(selector, name);
  if (topNode.getChild('Expr')?.name === 'VectorSelector') return;
  throw new QueryError(
    'bad_data',
    `${name}: expected one series selector such as up{job="a"}; got ${JSON.stringify(selector.slice(0, 100))}`,
  );
}

/** Throws bad_data for a query that is empty or over the limit. */
export function checkQuerySize(query: string, name = 'query'): void {
  if (query.trim() === '')
    throw new QueryError('bad_data', `${name}: expected an expression; got an empty one`);
  const size = Buffer.byteLength(query);
  if (size > MAX_QUERY_BYTES) {
    throw new QueryError('bad_data', `${name}: expected at most ${MAX_QUERY_BYTES} bytes; got ${size}`);
  }
}

/** Trees of queries that were asked lately: dashboards ask the same ones again and again. */
const trees = new Map<string, Tree>();
const MAX_TREES = 100;

/** The syntax tree, without an error in it. Throws bad_data. */
export function parsePromql(query: string, name = 'query'): Tree {
  const kept = trees.get(query);
  if (kept !== undefined) return kept;
  const tree = parseAnew(query, name);
  const [oldest] = trees.keys();
  if (trees.size >= MAX_TREES && oldest !== undefined) trees.delete(oldest);
  trees.set(query, tree);
  return tree;
}

/**
 * The parser lets a string end with its line; no TSDB does, and one that reads on would take for a string what is a
 * selector here, and the other way round.
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
  const hint = query.length > 2_000 ? '; very long ones may be more than the parser takes' : '';
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

/**
 * The query with one more matcher in each of its selectors, so that it sees series with this label value alone,
 * whatever matchers it has: a series must satisfy all. Works for every upstream, as Prometheus knows no filter
 * beside the query. Comments are left out: Prometheus ends one at a carriage return, the parser here does not, and
 * what follows would be a selector unseen. Throws bad_data for what is not PromQL.
 */
export function restrictSelectors(query: string, label: string, value: string): string {
  const bare = normalizeQuery(query);
  const matcher = `${label}=${quote(value)}`;
  let restricted = '';
  let copied = 0;
  parsePromql(bare)
    .topNode.cursor()
    .iterate(({ name, node }) => {
      if (name !== 'VectorSelector') return;
      const [place, text] = insertion(node, matcher);
      restricted += bare.slice(copied, place) + text;
      copied = place;
    });
  return restricted + bare.slice(copied);
}

/** A PromQL string. JSON's escapes are among Go's, by which PromQL goes, but U+FFFD as it is means bad UTF-8 there. */
function quote(value: string): string {
  return JSON.stringify(value.toWellFormed()).replaceAll('\ufffd', '\\ufffd');
}

function insertion(selector: SyntaxNode, matcher: string): [place: number, text: string] {
  const matchers = selector.getChild('LabelMatchers');
  if (matchers === null) return [selector.to, `{${matcher}}`];
  const hasOthers = ['UnquotedLabelMatcher', 'QuotedLabelMatcher', 'QuotedLabelName'].some(
    (kind) => matchers.getChild(kind) !== null,
  );
  return [matchers.from + 1, hasOthers ? `${matcher},` : matcher];
}

/** The query on one line, without comments; `secret` hides what its strings hold, for a log. Takes only PromQL. */
export function normalizeQuery(query: string, { secret = false } = {}): string {
  let text = '';
  let copied = 0;
  const add = (more: string) => {
    const collapsed = more.replace(/\s+/g, ' ');
    text += text.endsWith(' ') ? collapsed.trimStart() : collapsed;
  };
  parsePromql(query)
    .topNode.cursor()
    .iterate(({ name, from, to }) => {
      if (name !== 'StringLiteral' && name !== 'LineComment') return;
      add(query.slice(copied, from));
      if (name === 'LineComment') add(' ');
      else text += secret ? '"?"' : query.slice(from, to);
      copied = to;
    });
  add(query.slice(copied));
  return text.trim();
}

const AHEAD = new Set(['At', 'Smoothed', 'Anchored']);

/**
 * Whether a value at some time may depend on samples after it: `offset -5m`, `offset (1m - 5m)`, `@ 1767225600`,
 * `@ end()`, `smoothed`. An offset that is not a plain duration is taken for one that does.
 */
export function looksAhead(query: string): boolean {
  let found = false;
  parsePromql(query)
    .topNode.cursor()
    .iterate(({ name, from, to }) => {
      // VictoriaMetrics takes `offset 5m-10m` for one offset, of -5m.
      const isPlain = () =>
        /^[0-9a-z]+$/.test(query.slice(from, to)) && !/^-\d/.test(query.slice(to, to + 2));
      if (AHEAD.has(name) || (name === 'OffsetDurationExpr' && !isPlain())) found = true;
    });
  return found;
}
