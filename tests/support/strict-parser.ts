/*
 * A strict parser of the two exposition formats, so that tests can read back what was exposed. It follows the
 * specifications and uses no code of src:
 * https://prometheus.io/docs/instrumenting/exposition_formats/ and OpenMetrics 1.0.
 * It also refuses what they only advise against, such as a blank line or a missing HELP.
 */

export interface ParsedExemplar {
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
  readonly timestamp: number | undefined;
}

export interface ParsedSample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
  readonly exemplar: ParsedExemplar | undefined;
}

export interface ParsedFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly unit: string | undefined;
  readonly samples: ParsedSample[];
}

type Format = 'text' | 'openmetrics';

const SUFFIXES: Record<Format, Record<string, readonly string[]>> = {
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
    histogram: ['_bucket', '_sum', '_count', '_created'],
    summary: ['', '_sum', '_count', '_created'],
  },
};

const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*/;
const NUMBER = /^(?:NaN|[+-]Inf|[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)/;
const CANONICAL_NUMBER = /^(?:\+Inf|-Inf|NaN|-?\d+\.\d+|-?\d(?:\.\d+)?e[+-]\d{2,})$/;

/** Reads one line from left to right. */
class Cursor {
  #at = 0;
  readonly #line: string;

  constructor(line: string) {
    this.#line = line;
  }

  get rest(): string {
    return this.#line.slice(this.#at);
  }

  fail(expected: string): never {
    throw new Error(`expected ${expected} at column ${this.#at + 1} of ${JSON.stringify(this.#line)}`);
  }

  match(pattern: RegExp, what: string): string {
    const text = pattern.exec(this.rest)?.[0];
    if (text === undefined) this.fail(what);
    this.#at += text.length;
    return text;
  }

  take(text: string): void {
    if (!this.tryTake(text)) this.fail(JSON.stringify(text));
  }

  tryTake(text: string): boolean {
    if (!this.rest.startsWith(text)) return false;
    this.#at += text.length;
    return true;
  }

  number(): number {
    const text = this.match(NUMBER, 'a number');
    return Number(text.replace('Inf', 'Infinity'));
  }

  labels(): Map<string, string> {
    const labels = new Map<string, string>();
    if (!this.tryTake('{')) return labels;
    do {
      const name = this.match(LABEL_NAME, 'a label name');
      if (name.startsWith('__')) this.fail('a label name without __');
      if (labels.has(name)) this.fail('each label once');
      this.take('="');
      const raw = this.match(/^(?:[^"\\\n]|\\["\\n])*/, 'a label value');
      labels.set(name, unescapeText(raw));
      this.take('"');
    } while (this.tryTake(','));
    this.take('}');
    return labels;
  }
}

function unescapeText(raw: string): string {
  return raw.replaceAll(/\\(.)/g, (_, character) => (character === 'n' ? '\n' : character));
}

/** Families by name. Throws at the first error. */
export function parseExposition(body: Buffer, format: Format): Map<string, ParsedFamily> {
  const lines = splitLines(body, format);
  const families = new Map<string, ParsedFamily>();
  let index = 0;
  while (index < lines.length) {
    const header: string[] = [];
    const name = lines[index]?.split(' ')[2];
    while (lines[index]?.startsWith('#') && lines[index]?.split(' ')[2] === name)
      header.push(lines[index++] ?? '');
    const family = parseHeader(header, format);
    if (families.has(family.name)) throw new Error(`expected one group of ${family.name}`);
    families.set(family.name, family);
    for (; index < lines.length && !lines[index]?.startsWith('#'); index += 1) {
      family.samples.push(parseSample(lines[index] ?? '', family, format));
    }
  }
  checkSeries([...families.values()], format);
  return families;
}

function splitLines(body: Buffer, format: Format): string[] {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  if (text === '' && format === 'text') return [];
  if (!text.endsWith('\n')) throw new Error('expected a newline at the end');
  const lines = text.slice(0, -1).split('\n');
  if (format === 'openmetrics' && lines.pop() !== '# EOF') throw new Error('expected # EOF at the end');
  if (lines.includes('')) throw new Error('expected no blank line');
  return lines;
}

function parseHeader(lines: readonly string[], format: Format): ParsedFamily {
  const found: { HELP?: string; TYPE?: string; UNIT?: string } = {};
  const names = new Set<string>();
  for (const line of lines) {
    const cursor = new Cursor(line);
    cursor.take('# ');
    const keyword = cursor.match(/^(?:HELP|TYPE|UNIT)/, 'HELP, TYPE or UNIT') as keyof typeof found;
    cursor.take(' ');
    names.add(cursor.match(METRIC_NAME, 'a metric name'));
    cursor.take(' ');
    if (found[keyword] !== undefined) cursor.fail(`one ${keyword}`);
    found[keyword] = cursor.rest;
  }
  const [name] = names;
  if (name === undefined || names.size !== 1)
    throw new Error(`expected the header of one family: ${lines.join(' | ')}`);
  const { TYPE: type, HELP: help, UNIT: unit } = found;
  if (type === undefined || help === undefined) throw new Error(`expected HELP and TYPE of ${name}`);
  if (SUFFIXES[format][type] === undefined) throw new Error(`expected a known type of ${name}; got ${type}`);
  if (unit !== undefined && (format === 'text' || !name.endsWith(`_${unit}`))) {
    throw new Error(`expected ${name} to end with its unit ${unit}`);
  }
  const escapes = format === 'text' ? /^(?:[^\\]|\\[\\n])*$/ : /^(?:[^\\"]|\\[\\n"])*$/;
  if (!escapes.test(help)) throw new Error(`expected an escaped HELP of ${name}; got ${help}`);
  return { name, type, help: unescapeText(help), unit, samples: [] };
}

function parseSample(line: string, family: ParsedFamily, format: Format): ParsedSample {
  const cursor = new Cursor(line);
  const name = cursor.match(METRIC_NAME, 'a metric name');
  const suffixes = SUFFIXES[format][family.type] ?? [];
  if (!suffixes.some((suffix) => name === family.name + suffix)) cursor.fail(`a sample of ${family.name}`);
  const labels = cursor.labels();
  cursor.take(' ');
  const value = cursor.number();
  let exemplar: ParsedExemplar | undefined;
  if (format === 'openmetrics' && cursor.tryTake(' # ')) {
    if (!name.endsWith('_total') && !name.endsWith('_bucket')) cursor.fail('no exemplar here');
    const exemplarLabels = cursor.rest.startsWith('{}') ? new Map<string, string>() : cursor.labels();
    cursor.tryTake('{}');
    cursor.take(' ');
    const exemplarValue = cursor.number();
    const timestamp = cursor.tryTake(' ') ? cursor.number() : undefined;
    if ([...[...exemplarLabels].flat().join('')].length > 128) cursor.fail('a short exemplar');
    exemplar = { labels: exemplarLabels, value: exemplarValue, timestamp };
  }
  if (cursor.rest !== '') cursor.fail('the end of the line');
  return { name, labels, value, exemplar };
}

function checkSeries(families: readonly ParsedFamily[], format: Format): void {
  const seen = new Set<string>();
  for (const { name, labels } of families.flatMap((family) => family.samples)) {
    const identity = JSON.stringify([name, [...labels].sort()]);
    if (seen.has(identity)) throw new Error(`expected each series once; got ${identity} twice`);
    seen.add(identity);
  }
  for (const family of families) {
    if (family.type === 'histogram') checkHistogram(family, format);
    if (family.type === 'counter') checkCounter(family);
  }
}

function checkCounter(family: ParsedFamily): void {
  for (const { name, value } of family.samples) {
    if (!(value >= 0)) throw new Error(`expected ${name} of 0 or more; got ${value}`);
  }
}

/**
 * Checks each series: its lines stand together, its buckets are ascending and cumulative, and the bucket +Inf equals
 * the count.
 */
function checkHistogram({ name, samples }: ParsedFamily, format: Format): void {
  const groups = new Map<string, ParsedSample[]>();
  let previous = '';
  for (const sample of samples) {
    const others = [...sample.labels].filter(([label]) => label !== 'le');
    const key = JSON.stringify(others.sort());
    if (key !== previous && groups.has(key)) throw new Error(`expected the lines of ${name}${key} together`);
    previous = key;
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(sample);
  }
  for (const [key, group] of groups) {
    const buckets = group.filter((sample) => sample.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) => labels.get('le') ?? '');
    if (format === 'openmetrics' && !bounds.every((bound) => CANONICAL_NUMBER.test(bound))) {
      throw new Error(`expected canonical numbers in le of ${name}; got ${bounds.join(' ')}`);
    }
    if (bounds.at(-1) !== '+Inf') throw new Error(`expected ${name}${key} to end with +Inf`);
    buckets.forEach(({ value }, index) => {
      const isAscending = index === 0 || toNumber(bounds[index]) > toNumber(bounds[index - 1]);
      const isCumulative = index === 0 || value >= (buckets[index - 1]?.value ?? 0);
      if (!isAscending || !isCumulative)
        throw new Error(`expected ascending, cumulative buckets of ${name}${key}`);
    });
    const count = group.find((sample) => sample.name === `${name}_count`)?.value;
    const isSigned = bounds.some((bound) => toNumber(bound) < 0) && format === 'openmetrics';
    if (count !== buckets.at(-1)?.value && !(isSigned && count === undefined)) {
      throw new Error(`expected the count of ${name}${key} to be that of +Inf; got ${count}`);
    }
  }
}

function toNumber(bound = ''): number {
  return Number(bound.replace('Inf', 'Infinity'));
}
