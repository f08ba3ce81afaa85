import { AssertionError } from 'node:assert';
import type { ExpositionFormat, ParsedFamily, ParsedSample } from './exposition.ts';
import { parseExposition } from './parser.ts';
import { describe } from './series-rules.ts';

/* For the tests of a program that has metrics. They work with any registry of the client's kind. */

/** A registry of this library, of the client or of prom-client. */
export interface ReadableRegistry {
  readonly contentType: string;
  metrics(): Promise<string>;
}

type Labels = Readonly<Record<string, string | number | null | undefined>>;

/**
 * The value of the one series with this sample name (`jobs_total`, `job_seconds_count`) that has these labels and
 * perhaps more. Undefined when there is none yet. Throws when the registry has no such metric, and when several
 * series have the labels.
 */
// biome-ignore lint/suspicious/noShadowRestrictedNames: the name says what it returns; modules have no such global.
export async function valueOf(
  registry: ReadableRegistry,
  name: string,
  labels: Labels = {},
): Promise<number | undefined> {
  const families = [...(await read(registry)).values()];
  const family = families.find((each) => each.name === name || isSampleOf(each, name));
  if (family === undefined) {
    const names = families.map((each) => each.name).join(', ') || 'none';
    throw new Error(`expected a metric with samples named ${name}; got ${names}`);
  }
  const wanted = Object.entries(labels);
  const found = family.samples.filter(
    (sample) =>
      sample.name === name &&
      wanted.every(([label, value]) => (sample.labels.get(label) ?? '') === String(value ?? '')),
  );
  if (found.length > 1) {
    throw new Error(`expected labels of one series of ${name}; got ${found.map(describe).join(', ')}`);
  }
  return found[0]?.value;
}

/**
 * Compares what the registry exposes with `text`. The order of families and series does not matter, nor do blank lines
 * and indentation. Headers count for the families whose headers `text` has. With `names`, only these families count.
 * Throws an AssertionError whose message marks each line that is missing (-) or that nobody expected (+).
 */
export async function expectMetrics(
  registry: ReadableRegistry,
  text: string,
  names?: readonly string[],
): Promise<void> {
  const isWanted = ({ name }: ParsedFamily) => names === undefined || names.includes(name);
  const format = formatOf(registry);
  const expected = [...parseExposition(normalize(text, format), format).values()].filter(isWanted);
  const headed = new Set(expected.filter(hasHeader).map(({ name }) => name));
  const actual = [...(await read(registry)).values()].filter(isWanted);
  const expectedLines = linesOf(expected, () => true);
  const actualLines = linesOf(actual, ({ name }) => headed.has(name));
  const difference = compareLines(actualLines, expectedLines);
  if (difference === undefined) return;
  throw new AssertionError({
    message: `expected these metrics (- missing, + not expected):\n${difference}`,
    actual: actualLines.join('\n'),
    expected: expectedLines.join('\n'),
    operator: 'expectMetrics',
    stackStartFn: expectMetrics,
  });
}

async function read(registry: ReadableRegistry): Promise<Map<string, ParsedFamily>> {
  return parseExposition(await registry.metrics(), formatOf(registry));
}

function formatOf({ contentType }: ReadableRegistry): ExpositionFormat {
  return contentType.startsWith('application/openmetrics-text') ? 'openmetrics' : 'text';
}

function isSampleOf({ name, samples }: ParsedFamily, sample: string): boolean {
  if (samples.some((each) => each.name === sample)) return true;
  // A family without series has no samples to look at.
  return (
    sample.startsWith(name) && /^_(?:bucket|sum|count|total|created|info)$/.test(sample.slice(name.length))
  );
}

function normalize(text: string, format: ExpositionFormat): string {
  const lines = text.split('\n').map((line) => line.trim());
  if (format === 'openmetrics' && !lines.includes('# EOF')) lines.push('# EOF');
  return lines.flatMap((line) => (line === '' ? [] : `${line}\n`)).join('');
}

function hasHeader({ help, type }: ParsedFamily): boolean {
  return help !== undefined || (type !== 'untyped' && type !== 'unknown');
}

/** One line for each header and sample: families by name, their series by labels, buckets in their order. */
function linesOf(families: readonly ParsedFamily[], isHeaded: (family: ParsedFamily) => boolean): string[] {
  const sorted = families.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return sorted.flatMap((family) => [
    ...(isHeaded(family) ? headerOf(family) : []),
    ...family.samples.map(lineOf).sort(),
  ]);
}

function headerOf({ name, help, type, unit }: ParsedFamily): string[] {
  return [
    ...(help === undefined ? [] : [`# HELP ${name} ${help.replaceAll('\n', '\\n')}`]),
    ...(type === 'untyped' || type === 'unknown' ? [] : [`# TYPE ${name} ${type}`]),
    ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
  ];
}

function lineOf({ name, labels, value }: ParsedSample): string {
  const sorted = new Map([...labels].filter(([, text]) => text !== '').sort(([a], [b]) => (a < b ? -1 : 1)));
  return `${describe({ name, labels: sorted })} ${value}`;
}

/** Undefined when both have the same lines. Otherwise all lines, marked. */
function compareLines(actual: readonly string[], expected: readonly string[]): string | undefined {
  const [has, wants] = [new Set(actual), new Set(expected)];
  const missing = expected.filter((line) => !has.has(line));
  const unexpected = actual.filter((line) => !wants.has(line));
  if (missing.length + unexpected.length === 0) return undefined;
  const place = (line: string) => line.replace(/ \S+$/, '');
  const rest = new Set(missing);
  const marked = actual.flatMap((line) => {
    if (wants.has(line)) return `  ${line}`;
    // The value that was expected stands above the one that came.
    const other = missing.find((each) => !each.startsWith('#') && place(each) === place(line));
    if (other === undefined) return `+ ${line}`;
    rest.delete(other);
    return [`- ${other}`, `+ ${line}`];
  });
  return [...marked, ...Array.from(rest, (line) => `- ${line}`)].join('\n');
}
