import type { ExpositionFormat, Finding, ParsedFamily, ParsedSample } from './exposition.ts';
import { LineError } from './line-cursor.ts';
import { type HeaderLine, type Keyword, parseHeaderLine, parseSampleLine } from './line-parsing.ts';

/*
 * Reads a whole exposition: https://prometheus.io/docs/instrumenting/exposition_formats/ (text 0.0.4) and
 * OpenMetrics 1.0. It goes on after a wrong line, so that a linter can show every finding.
 * It uses no code of the renderer, so that tests can read back what the renderer wrote.
 */

/** What sample names add to the name of their family. */
export const SUFFIXES: Readonly<Record<ExpositionFormat, Readonly<Record<string, readonly string[]>>>> = {
  text: {
    counter: [''],
    gauge: [''],
    untyped: [''],
    histogram: ['_bucket', '_sum', '_count'],
    summary: ['', '_sum', '_count'],
  },
  openmetrics: {
    counter: ['_total', '_created'],
    gauge: [''],
    unknown: [''],
    info: ['_info'],
    stateset: [''],
    histogram: ['_bucket', '_sum', '_count', '_created'],
    gaugehistogram: ['_bucket', '_gsum', '_gcount'],
    summary: ['', '_sum', '_count', '_created'],
  },
};

interface Group {
  readonly name: string;
  readonly line: number;
  readonly headers: Map<Keyword, string>;
  readonly samples: ParsedSample[];
}

export interface Reading {
  readonly families: readonly ParsedFamily[];
  readonly findings: readonly Finding[];
}

class Reader {
  readonly findings: Finding[] = [];
  readonly groups = new Map<string, Group>();
  readonly #format: ExpositionFormat;
  #current: Group | undefined;

  constructor(format: ExpositionFormat) {
    this.#format = format;
  }

  error(rule: string, line: number, expected: string, got: string, metric?: string): void {
    this.findings.push({ rule, severity: 'error', line, expected, got, ...(metric && { metric }) });
  }

  read(given: string, number: number): void {
    const line = this.#format === 'text' ? given.replace(/^[ \t]+/, '') : given;
    try {
      if (line.startsWith('#')) {
        const header = parseHeaderLine(line, this.#format);
        if (header !== undefined) this.#header(header, number);
      } else {
        this.#sample(parseSampleLine(line, number, this.#format));
      }
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      this.error('syntax', number, error.expected, error.got);
    }
  }

  #header({ keyword, name, text }: HeaderLine, line: number): void {
    const group = this.#groupOf(name, line);
    const label = `${keyword} of ${name}`;
    if (group.headers.has(keyword)) this.error('header', line, `one ${label}`, 'another', name);
    else if (group.samples.length > 0) {
      this.error('header', line, `${label} before its samples`, 'it after them', name);
    }
    group.headers.set(keyword, text);
    if (keyword === 'UNIT' && text !== '' && !name.endsWith(`_${text}`)) {
      this.error('unit', line, `${name} to end with its unit _${text}`, 'another end', name);
    }
  }

  #sample(sample: ParsedSample): void {
    const owner = this.#ownerOf(sample.name);
    this.#groupOf(owner?.name ?? sample.name, sample.line).samples.push(sample);
  }

  /** The family that a sample's name belongs to: the one before it, or an earlier one. */
  #ownerOf(name: string): Group | undefined {
    const current = this.#current;
    if (current !== undefined && ownsSample(current, name, this.#format)) return current;
    return familyNamesOf(name)
      .map((family) => this.groups.get(family))
      .find((group) => group !== undefined && ownsSample(group, name, this.#format));
  }

  #groupOf(name: string, line: number): Group {
    if (this.#current?.name === name) return this.#current;
    let group = this.groups.get(name);
    if (group === undefined) {
      group = { name, line, headers: new Map(), samples: [] };
      this.groups.set(name, group);
    } else {
      this.error('family-together', line, `one group of lines of ${name}`, 'another', name);
    }
    this.#current = group;
    return group;
  }

  families(): ParsedFamily[] {
    const untyped = this.#format === 'text' ? 'untyped' : 'unknown';
    return Array.from(this.groups.values(), ({ name, line, headers, samples }) => ({
      name,
      line,
      samples,
      type: headers.get('TYPE') ?? untyped,
      help: headers.get('HELP'),
      unit: headers.get('UNIT'),
    }));
  }
}

/** A sample's name, and what it is without each suffix that it ends with. */
function familyNamesOf(sample: string): string[] {
  const suffix = /_(?:bucket|sum|count|total|created|info|gsum|gcount)$/.exec(sample);
  return suffix === null ? [sample] : [sample, sample.slice(0, suffix.index)];
}

function ownsSample({ name, headers }: Group, sample: string, format: ExpositionFormat): boolean {
  if (sample === name) return true;
  const suffixes = SUFFIXES[format][headers.get('TYPE') ?? ''] ?? [];
  return sample.startsWith(name) && suffixes.includes(sample.slice(name.length));
}

/** Reads what it can. The findings are about single lines and the order of lines. */
export function readExposition(exposition: string | Uint8Array, format: ExpositionFormat): Reading {
  const reader = new Reader(format);
  const text = decode(exposition, reader);
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  else reader.error('end', lines.length, 'a newline at the end', JSON.stringify(text.slice(-20)));
  let end = lines.length;
  if (format === 'openmetrics') {
    const eof = lines.indexOf('# EOF');
    if (eof < 0) reader.error('end', Math.max(end, 1), '# EOF at the end', 'none');
    else if (eof < end - 1)
      reader.error('end', eof + 2, 'nothing after # EOF', JSON.stringify(lines[eof + 1]));
    if (eof >= 0) end = eof;
  }
  for (const [index, line] of lines.slice(0, end).entries()) {
    if (!/^[ \t]*$/.test(line) || (format === 'openmetrics' && line !== '')) reader.read(line, index + 1);
    else if (format === 'openmetrics') reader.error('syntax', index + 1, 'no blank line', 'one');
  }
  return { families: reader.families(), findings: reader.findings };
}

function decode(exposition: string | Uint8Array, reader: Reader): string {
  if (typeof exposition === 'string') return exposition;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(exposition);
  } catch {
    const text = Buffer.from(exposition).toString();
    const line = text.slice(0, text.indexOf('\uFFFD')).split('\n').length;
    reader.error('encoding', line, 'UTF-8', 'other bytes');
    return text;
  }
}
