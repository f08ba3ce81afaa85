/** What stands for itself: strings, which may be open, and comments. */
const OPAQUE = /"(?:\\[\s\S]|[^"\\])*"?|'(?:\\[\s\S]|[^'\\])*'?|`[^`]*`?|#.*/;

/** `0X3D` */
const UPPER_HEXADECIMAL = /(?<![\w:.])0X(?=[\da-fA-F])/;

/** `2.` and `1.e3` */
const BARE_POINT = /(?<![\w:.])(\d+)\.((?:[eE][+-]?\d+)?)(?![\w.])/;

/** `offset` where an operand stands: at the start, after a bracket, a comma or an operator. */
const OFFSET_METRIC = /(?<=(?:^|[-+*/%^<>=(,]|\b(?:and|or|unless|atan2|bool))\s*)offset(?![\w:])/i;

/** Prometheus 3 calls it double_exponential_smoothing. */
const HOLT_WINTERS = /(?<![\w:])holt_winters(?=\s*\()/;

const SPELLINGS = new RegExp(
  [OPAQUE, UPPER_HEXADECIMAL, BARE_POINT, OFFSET_METRIC, HOLT_WINTERS]
    .map(({ source }) => `(?:${source})`)
    .join('|'),
  'gi',
);

/**
 * The query in the spellings that the parser knows, of the same length, so that its tree is one of the query itself:
 * Prometheus and VictoriaMetrics read some numbers and names that this parser of Prometheus 3 does not. Only the tree
 * is used; a TSDB is asked with the query as it came.
 */
export function parserSpelling(query: string): string {
  return query.replace(SPELLINGS, (text: string, whole: string | undefined, exponent: string | undefined) => {
    if (whole !== undefined) return `${whole}0${exponent ?? ''}`;
    switch (text.toLowerCase()) {
      case '0x':
        return '0x';
      case 'offset':
        return 'metric';
      case 'holt_winters':
        return 'day_of_month'; // also a function, and as long
      default:
        return text;
    }
  });
}
