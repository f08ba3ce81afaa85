import { QueryError } from '../../../shared/errors.ts';
import type { Expression } from './expressions.ts';
import { stringValue } from './strings.ts';

/** Deeper chains take VictoriaMetrics seconds, as it copies what is left of the query for each operator. */
export const MAX_DEPTH = 250;

/** Bytes of labels that one series may get from label_replace and label_join. */
const MAX_LABEL_BYTES = 64 * 1024;

/** What the value of a label is taken for that comes from the data. */
const LABEL_BYTES = 256;

/** How many times longer a query may make a label of the data. */
export const MAX_LABEL_FACTOR = MAX_LABEL_BYTES / LABEL_BYTES;

/** A regular expression may grow to twice its length and this when its repetitions are written out. */
const FREE_REPETITIONS = 128;

const REPETITION = /^\{(\d+)(?:,(\d*))?\}$/;

type Refuse = (expected: string, got: string) => never;

/** Lengths of the labels that a query makes, by their names. */
type Labels = ReadonlyMap<string, number>;
const NO_LABELS: Labels = new Map();

/**
 * Throws bad_data for a query whose answer or program grows faster than its text, whatever the data: texts of
 * label_join that double with each call, regular expressions that repeat repetitions.
 * `expressions` come innermost first.
 */
export function checkAmplification(expressions: readonly Expression[], query: string, name: string): void {
  const refuse: Refuse = (expected, got) => {
    throw new QueryError('bad_data', `${name}: expected ${expected}; got ${got}`);
  };
  const hasRegex = query.includes('~');
  const labels = new Map<Expression, Labels>();
  for (const expression of expressions) {
    if (hasRegex && expression.kind === 'VectorSelector') checkMatchers(expression, query, refuse);
    const given = merged(expression.parts.map((part) => labels.get(part) ?? NO_LABELS));
    labels.set(expression, relabelled(expression, given, query, refuse));
  }
}

/** Throws bad_data for a chain of more operators and calls than a TSDB evaluates fast. */
export function checkDepth(expressions: readonly Expression[], name: string): void {
  const depths = new Map<Expression, number>();
  for (const expression of expressions) {
    const depth = 1 + expression.parts.reduce((max, part) => Math.max(max, depths.get(part) ?? 0), 0);
    if (depth > MAX_DEPTH) {
      throw new QueryError(
        'bad_data',
        `${name}: expected at most ${MAX_DEPTH} nested operators and calls; got more`,
      );
    }
    depths.set(expression, depth);
  }
}

function merged([first = NO_LABELS, ...others]: readonly Labels[]): Labels {
  if (others.every(({ size }) => size === 0)) return first;
  const all = new Map(first);
  for (const other of others) {
    for (const [label, bytes] of other) all.set(label, Math.max(bytes, all.get(label) ?? 0));
  }
  return all;
}

/** The labels after a call of label_replace or label_join; those given after any other expression. */
function relabelled(
  { kind, node, parts }: Expression,
  labels: Labels,
  query: string,
  refuse: Refuse,
): Labels {
  const name = query.slice(node.firstChild?.from, node.firstChild?.to);
  if (kind !== 'FunctionCall' || (name !== 'label_replace' && name !== 'label_join')) return labels;
  const [label = '', second = '', third = '', ...others] = parts.slice(1).map((part) => literal(part, query));
  const lengthOf = (source: string) => labels.get(source) ?? LABEL_BYTES;
  let bytes: number;
  if (name === 'label_replace') {
    checkRegex(others[0] ?? '', refuse);
    bytes = Buffer.byteLength(second) + (second.split('$').length - 1) * lengthOf(third);
  } else {
    const sources = parts.length > 3 ? [third, ...others] : [];
    bytes = sources.reduce((sum, source) => sum + Buffer.byteLength(second) + lengthOf(source), 0);
  }
  const all = new Map(labels).set(label, bytes);
  const total = all.values().reduce((sum, each) => sum + each, 0);
  if (total > MAX_LABEL_BYTES) {
    refuse(`at most ${MAX_LABEL_BYTES} bytes of labels from label_replace and label_join`, `up to ${total}`);
  }
  return all;
}

/** The value of a string, which may be in parentheses. */
function literal(given: Expression, query: string): string {
  let expression = given;
  for (let inner = given.parts[0]; inner !== undefined; inner = inner.parts[0]) expression = inner;
  return stringValue(query.slice(expression.node.from, expression.node.to));
}

function checkMatchers({ node }: Expression, query: string, refuse: Refuse): void {
  const matchers = node.getChild('LabelMatchers');
  for (const kind of ['UnquotedLabelMatcher', 'QuotedLabelMatcher']) {
    for (const matcher of matchers?.getChildren(kind) ?? []) {
      const operator = matcher.getChild('MatchOp')?.firstChild?.name ?? '';
      const value = matcher.getChild('StringLiteral');
      if (operator.endsWith('Regex') && value !== null) {
        checkRegex(stringValue(query.slice(value.from, value.to)), refuse);
      }
    }
  }
}

/** Calls `refuse` for a regular expression that repeats repetitions. */
export function checkRegex(regex: string, refuse: Refuse): void {
  if (!regex.includes('{')) return;
  const most = FREE_REPETITIONS + 2 * regex.length;
  const size = writtenOut(regex);
  if (size > most) {
    refuse(`a regular expression of at most ${most} characters with its repetitions written out`, `${size}`);
  }
}

/** How long a regular expression is when `a{3}` is written as `aaa`. */
function writtenOut(regex: string): number {
  /** The sizes of the groups that are open, and that of the last element of each. */
  const sizes = [0];
  const lasts = [0];
  const add = (size: number) => {
    sizes[sizes.length - 1] = (sizes.at(-1) ?? 0) + size;
    lasts[lasts.length - 1] = size;
  };
  for (let at = 0; at < regex.length; ) {
    const token = tokenAt(regex, at);
    at += token.length;
    const [, least, most] = token.startsWith('{') ? (REPETITION.exec(token) ?? []) : [];
    if (token === '(') {
      sizes.push(1);
      lasts.push(0);
    } else if (token === ')' && sizes.length > 1) {
      lasts.pop();
      add(sizes.pop() ?? 0);
    } else if (least !== undefined) {
      const times = Math.max(Number(least), Number(most ?? 0), 1);
      const last = lasts.at(-1) ?? 0;
      add(last * (times - 1));
      lasts[lasts.length - 1] = last * times;
    } else add(1);
  }
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** A character with its backslash, a class in brackets, a repetition, or one character. Each is read over once. */
function tokenAt(regex: string, start: number): string {
  const first = regex.charAt(start);
  if (first === '\\') return regex.slice(start, start + 2);
  if (first === '{') return /^\{\d{1,9}(?:,\d{0,9})?\}/.exec(regex.slice(start, start + 22))?.[0] ?? first;
  if (first !== '[') return first;
  let at = regex.charAt(start + 1) === '^' ? start + 2 : start + 1;
  if (regex.charAt(at) === ']') at++; // stands for itself
  while (at < regex.length && regex.charAt(at) !== ']') {
    const isNamed = regex.charAt(at) === '[' && regex.charAt(at + 1) === ':';
    const end = isNamed ? regex.slice(at, at + 16).indexOf(':]') : -1;
    if (end > 0) at += end + 2;
    else at += regex.charAt(at) === '\\' ? 2 : 1;
  }
  return regex.slice(start, at + 1);
}
