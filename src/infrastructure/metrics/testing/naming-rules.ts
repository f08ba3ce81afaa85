import type { ExpositionFormat, Finding, ParsedFamily } from './exposition.ts';

/*
 * Advice about names and texts: https://prometheus.io/docs/practices/naming/, the same that `promtool check metrics`
 * gives. A test compares the two.
 */

const BASE_UNITS: Readonly<Record<string, string>> = {
  ...same('amperes', 'bytes', 'celsius', 'grams', 'joules', 'kelvin', 'meters', 'metres', 'moles'),
  ...same('seconds', 'volts'),
  ...to('seconds', 'minutes', 'hours', 'days', 'weeks'),
  ...to('kelvin', 'kelvins'),
  ...to('celsius', 'fahrenheit', 'rankine'),
  ...to('meters', 'inches', 'yards', 'miles'),
  ...to('bytes', 'bits'),
  ...to('joules', 'calories'),
  ...to('grams', 'pounds', 'ounces'),
};
const UNIT_PREFIX =
  /^(?:pico|nano|micro|milli|centi|deci|deca|hecto|kilo|kibi|mega|mibi|giga|gibi|tera|tebi|peta|pebi)/;
const ABBREVIATIONS = new Set([
  's',
  'ms',
  'us',
  'ns',
  'sec',
  'b',
  'kb',
  'mb',
  'gb',
  'tb',
  'pb',
  'm',
  'h',
  'd',
]);
const TYPE_WORDS = ['counter', 'gauge', 'histogram', 'summary'];
const CAMEL_CASE = /[a-z][A-Z]/;

function to(base: string, ...units: readonly string[]): Record<string, string> {
  return Object.fromEntries(units.map((unit) => [unit, base]));
}

function same(...units: readonly string[]): Record<string, string> {
  return Object.fromEntries(units.map((unit) => [unit, unit]));
}

/** Every piece of advice about one family. */
export function checkNaming(family: ParsedFamily, format: ExpositionFormat): Finding[] {
  const findings: Finding[] = [];
  const { name, line } = family;
  const advise = (rule: string, expected: string, got: string) => {
    findings.push({ rule, severity: 'advice', line, metric: name, expected, got });
  };
  if (!family.help) advise('help', `a HELP text of ${name}`, 'none');
  if (family.type === 'untyped' || family.type === 'unknown')
    advise('type', `a TYPE of ${name}`, family.type);
  checkWords(name, advise);
  checkSuffixes(family, format, advise);
  const labels = new Set(family.samples.flatMap((sample) => [...sample.labels.keys()]));
  for (const label of labels) {
    if (CAMEL_CASE.test(label)) advise('snake-case', 'label names in snake_case', label);
  }
  return findings;
}

type Advise = (rule: string, expected: string, got: string) => void;

function checkWords(name: string, advise: Advise): void {
  const words = name.split('_');
  const unit = words.find((word) => ![word, undefined].includes(baseOf(word)));
  if (unit !== undefined) advise('base-unit', `the base unit ${baseOf(unit)} in ${name}`, unit);
  const short = words.slice(1).find((word) => ABBREVIATIONS.has(word.toLowerCase()));
  if (short !== undefined) advise('unit-abbreviation', `a unit in full in ${name}`, short);
  const lower = name.toLowerCase();
  for (const word of TYPE_WORDS) {
    if (lower.includes(`_${word}_`) || lower.endsWith(`_${word}`)) {
      advise('type-in-name', 'a metric name without its type', name);
    }
  }
  if (name.includes(':')) advise('colon', "no ':', which is for recording rules", name);
  if (CAMEL_CASE.test(name)) advise('snake-case', 'a metric name in snake_case', name);
}

function baseOf(word: string): string | undefined {
  if (Object.hasOwn(BASE_UNITS, word)) return BASE_UNITS[word];
  const rest = word.replace(UNIT_PREFIX, '');
  return Object.hasOwn(BASE_UNITS, rest) ? BASE_UNITS[rest] : undefined;
}

function checkSuffixes(
  { name, type, samples }: ParsedFamily,
  format: ExpositionFormat,
  advise: Advise,
): void {
  if (type === 'untyped' || type === 'unknown') return;
  const isHistogram = type === 'histogram' || type === 'gaugehistogram';
  const isSummary = type === 'summary';
  if (format === 'text' && (type === 'counter') !== name.endsWith('_total')) {
    advise('total', type === 'counter' ? 'a counter that ends with _total' : `no _total on a ${type}`, name);
  }
  const reserved = isHistogram ? [] : isSummary ? ['_bucket'] : ['_bucket', '_count', '_sum'];
  for (const suffix of reserved) {
    if (name.endsWith(suffix)) advise('reserved-suffix', `no ${suffix} on a ${type}`, name);
  }
  const hasLabel = (label: string) => samples.some(({ labels }) => labels.has(label));
  if (!isHistogram && hasLabel('le')) advise('reserved-label', `no label le on a ${type}`, name);
  if (!isSummary && hasLabel('quantile')) advise('reserved-label', `no label quantile on a ${type}`, name);
}
