/**
 * The tokens that matter here: strings (which may be open) and comments, `0X3D`, `2.` and `1.e3`, words, all else by the
 * character.
 */
const TOKEN =
  /(?<opaque>"(?:\\[\s\S]|[^"\\])*"?|'(?:\\[\s\S]|[^'\\])*'?|`[^`]*`?)|(?<gap>#.*|\s+)|(?<hexadecimal>0X)(?=[\da-fA-F])|(?<whole>\d+)\.(?<exponent>(?:[eE][+-]?\d+)?)(?![\w.])|[\w:.]+|[\s\S]/g;

/** After these an operand comes, as after any bracket that opens, comma or operator. */
const BEFORE_OPERANDS = /^(?:[-+*/%^<>=!~(,]|and|or|unless|atan2|bool|group_left|group_right)$/i;

const LABEL_LISTS = /^(?:on|ignoring|group_left|group_right)$/i;

/** Prometheus 3 calls it double_exponential_smoothing; the other is a function too, and as long. */
const OLD_FUNCTION = 'holt_winters';
const NEW_FUNCTION = 'day_of_month';

/**
 * The query in the spellings that the parser knows, of the same length, so that its tree is one of the query itself:
 * Prometheus and VictoriaMetrics read some numbers and names that this parser of Prometheus 3 does not. Only the tree
 * is used; a TSDB is asked with the query as it came.
 */
export function parserSpelling(query: string): string {
  let spelling = '';
  let awaitsOperand = true;
  let isInLabels = false;
  for (const { 0: token, groups = {} } of query.matchAll(TOKEN)) {
    const isOffset: boolean = awaitsOperand && token.toLowerCase() === 'offset';
    if (groups.hexadecimal !== undefined) spelling += '0x';
    else if (groups.whole !== undefined) spelling += `${groups.whole}0${groups.exponent}`;
    else if (isOffset) spelling += 'metric';
    else spelling += token === OLD_FUNCTION ? NEW_FUNCTION : token;
    if (groups.gap !== undefined) continue;
    awaitsOperand = isOffset ? false : BEFORE_OPERANDS.test(token) || (token === ')' && isInLabels);
    if (token === ')') isInLabels = false;
    else isInLabels ||= LABEL_LISTS.test(token);
  }
  return spelling;
}
