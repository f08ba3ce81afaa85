import type { ExpositionFormat, ParsedExemplar, ParsedSample } from './exposition.ts';
import { LineCursor, LineError, unescapeText } from './line-cursor.ts';

/* One line of an exposition, without its surroundings. Each function throws a LineError. */

export type Keyword = 'HELP' | 'TYPE' | 'UNIT';

export interface HeaderLine {
  readonly keyword: Keyword;
  readonly name: string;
  readonly text: string;
}

const METRIC_NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const KEYWORD = /(?:HELP|TYPE|UNIT)(?![^ \t])/y;
const HELP = { text: /^(?:[^\\]|\\[\\n])*$/, openmetrics: /^(?:[^\\"]|\\[\\n"])*$/ };
const MAX_EXEMPLAR_CODE_POINTS = 128;

export const TYPES: Readonly<Record<ExpositionFormat, readonly string[]>> = {
  text: ['counter', 'gauge', 'histogram', 'summary', 'untyped'],
  openmetrics: ['counter', 'gauge', 'histogram', 'summary', 'unknown', 'info', 'stateset', 'gaugehistogram'],
};

/** A line that starts with `#`. Undefined for a comment, which only the text format has. */
export function parseHeaderLine(line: string, format: ExpositionFormat): HeaderLine | undefined {
  const isText = format === 'text';
  if (isText && !/^#[ \t]+(?:HELP|TYPE)(?:[ \t]|$)/.test(line)) return undefined;
  const cursor = new LineCursor(line, isText);
  cursor.take('#');
  cursor.space();
  const keyword = cursor.match(KEYWORD, 'HELP, TYPE or UNIT') as Keyword; // as the pattern says
  cursor.space();
  const name = cursor.match(METRIC_NAME, 'a metric name');
  if (keyword === 'HELP' && isText && cursor.rest === '') return { keyword, name, text: '' };
  cursor.space();
  if (keyword === 'HELP') {
    if (!HELP[format].test(cursor.rest)) cursor.fail('a HELP text whose escapes the format has');
    return { keyword, name, text: unescapeText(cursor.rest) };
  }
  const text = isText ? cursor.rest.trimEnd() : cursor.rest;
  if (keyword === 'TYPE' && !TYPES[format].includes(text)) cursor.fail(`one of ${TYPES[format].join(', ')}`);
  return { keyword, name, text };
}

/** A sample line. */
export function parseSampleLine(line: string, number: number, format: ExpositionFormat): ParsedSample {
  const cursor = new LineCursor(line, format === 'text');
  const name = cursor.match(METRIC_NAME, 'a metric name');
  const labels = cursor.labels();
  if (format === 'openmetrics' || labels === undefined) cursor.space();
  else cursor.blanks();
  const value = cursor.number();
  let timestamp: number | undefined;
  let exemplar: ParsedExemplar | undefined;
  if (cursor.hasMore()) {
    if (!cursor.rest.startsWith('# ')) {
      timestamp = readTimestamp(cursor, format);
    }
    if (format === 'openmetrics' && (timestamp === undefined || cursor.tryTake(' '))) {
      exemplar = readExemplar(cursor);
    }
  }
  cursor.blanks();
  if (cursor.rest !== '') cursor.fail('the end of the line');
  // Prometheus takes a blank at the end for the beginning of a timestamp.
  if (/[ \t]$/.test(line)) throw new LineError('the end of the line', 'a blank');
  return { name, labels: labels ?? new Map(), value, timestamp, exemplar, line: number };
}

function readTimestamp(cursor: LineCursor, format: ExpositionFormat): number {
  if (format === 'text') return Number(cursor.match(/-?\d+(?![^ \t])/y, 'a timestamp in whole milliseconds'));
  const value = cursor.number('a timestamp in seconds');
  if (!Number.isFinite(value)) throw new LineError('a finite timestamp', String(value));
  return value;
}

function readExemplar(cursor: LineCursor): ParsedExemplar {
  cursor.take('# ');
  const labels = cursor.labels() ?? cursor.fail('the labels of an exemplar');
  const length = [...[...labels].flat().join('')].length;
  if (length > MAX_EXEMPLAR_CODE_POINTS) {
    throw new LineError(
      `names and values of an exemplar's labels of at most ${MAX_EXEMPLAR_CODE_POINTS} code points`,
      String(length),
    );
  }
  cursor.take(' ');
  const value = cursor.number();
  const timestamp = cursor.tryTake(' ') ? readTimestamp(cursor, 'openmetrics') : undefined;
  return { labels, value, timestamp };
}
