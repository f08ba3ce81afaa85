import { stringValue } from './strings.ts';

export interface MetricsqlToken {
  readonly kind: 'string' | 'number' | 'name' | 'sign';
  readonly text: string;
  /** What a string or a name stands for; names may have escapes, as `m\in`. */
  readonly value: string;
  /** Whether the next token follows without a gap. */
  readonly touchesNext: boolean;
  /** Whether it stands between braces, as the matchers of a selector do. */
  readonly isInBraces: boolean;
}

const TOKEN =
  /(?<gap>#[^\n]*|\s+)|(?<string>"(?:\\[\s\S]|[^"\\])*"|'(?:\\[\s\S]|[^'\\])*'|`[^`]*`)|(?<number>\.?\d(?:[eE][+-]\d|[\w.])*)|(?<name>(?:[\p{L}_]|\\[\s\S])(?:[\p{L}\p{N}_:.]|\\[\s\S])*)|(?<sign>=~|!~|!=|==|>=|<=|[\s\S])/gu;

/** The tokens of a MetricsQL query, as VictoriaMetrics's lexer cuts it, without gaps and comments. */
export function tokensOf(query: string): MetricsqlToken[] {
  const tokens: MetricsqlToken[] = [];
  let braces = 0;
  for (const { 0: text, index, groups = {} } of query.matchAll(TOKEN)) {
    if (groups.gap !== undefined) continue;
    if (text === '}') braces--;
    const kind =
      groups.string !== undefined
        ? 'string'
        : groups.number !== undefined
          ? 'number'
          : groups.name !== undefined
            ? 'name'
            : 'sign';
    const value = kind === 'string' ? stringValue(text) : kind === 'name' ? stringValue(`"${text}"`) : text;
    const next = query.charAt(index + text.length);
    tokens.push({ kind, text, value, touchesNext: !/^[\s#]?$/.test(next), isInBraces: braces > 0 });
    if (text === '{') braces++;
  }
  return tokens;
}
