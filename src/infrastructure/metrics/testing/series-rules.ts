import {
  type ExpositionFormat,
  type Finding,
  type ParsedFamily,
  type ParsedSample,
  toNumber,
} from './exposition.ts';
import { SUFFIXES } from './exposition-reader.ts';

/* What must be true of the series of an exposition whose lines are right each for itself. */

const CANONICAL_NUMBER = /^(?:\+Inf|-Inf|NaN|-?\d+\.\d+|-?\d(?:\.\d+)?e[+-]\d{2,})$/;

type Report = (rule: string, sample: ParsedSample, expected: string, got: string) => void;

/** Every finding about the series of these families. */
export function checkSeries(families: readonly ParsedFamily[], format: ExpositionFormat): Finding[] {
  const findings: Finding[] = [];
  const seen = new Map<string, number>();
  for (const family of families) {
    const report: Report = (rule, { line }, expected, got) => {
      findings.push({ rule, severity: 'error', line, metric: family.name, expected, got });
    };
    const suffixes = SUFFIXES[format][family.type] ?? [''];
    for (const sample of family.samples) {
      if (!suffixes.includes(sample.name.slice(family.name.length))) {
        const names = suffixes.map((suffix) => family.name + suffix).join(' or ');
        report('sample-name', sample, `${names} in a family of type ${family.type}`, sample.name);
      }
      checkUnique(sample, format, seen, report);
      checkExemplar(sample, family, report);
      checkValue(sample, family, report);
      if (format === 'openmetrics') checkCanonical(sample, family, report);
    }
    if (family.type === 'histogram') checkHistogram(family, format, report);
    if (family.type === 'summary') checkSummary(family, report);
  }
  return findings;
}

/** A label that is empty is the same as none. OpenMetrics can have a series again with another timestamp. */
function checkUnique(
  sample: ParsedSample,
  format: ExpositionFormat,
  seen: Map<string, number>,
  report: Report,
): void {
  const time = format === 'openmetrics' ? sample.timestamp : undefined;
  const identity = JSON.stringify([sample.name, seriesOf(sample), time]);
  const first = seen.get(identity);
  if (first === undefined) seen.set(identity, sample.line);
  else report('duplicate-series', sample, 'each series once', `${describe(sample)} of line ${first} again`);
}

function checkExemplar({ exemplar, ...sample }: ParsedSample, { type }: ParsedFamily, report: Report): void {
  if (exemplar === undefined) return;
  const hasPlace = /_total$/.test(sample.name) ? type === 'counter' : /_bucket$/.test(sample.name);
  if (!hasPlace) {
    report('exemplar-place', { ...sample, exemplar }, 'exemplars on _total and _bucket only', sample.name);
  }
}

function checkValue(sample: ParsedSample, { name, type }: ParsedFamily, report: Report): void {
  const { value } = sample;
  const isCount = /_(?:count|bucket)$/.test(sample.name) && (type === 'histogram' || type === 'summary');
  if ((isCount || type === 'counter') && !(value >= 0)) {
    report('value', sample, `${sample.name} of 0 or more`, String(value));
  }
  if (type === 'info' && value !== 1) report('value', sample, `${sample.name} of 1`, String(value));
  if (type !== 'stateset') return;
  if (value !== 0 && value !== 1) report('value', sample, `${name} of 0 or 1`, String(value));
  if (!sample.labels.has(name)) report('stateset', sample, `a label ${name}`, describe(sample));
}

function checkCanonical(sample: ParsedSample, { type }: ParsedFamily, report: Report): void {
  const label = /histogram$/.test(type) ? 'le' : type === 'summary' ? 'quantile' : undefined;
  const given = label && sample.labels.get(label);
  if (given !== undefined && !CANONICAL_NUMBER.test(given)) {
    report('canonical-number', sample, `${label} as a canonical number, such as 1.0`, JSON.stringify(given));
  }
}

function checkSummary({ name, samples }: ParsedFamily, report: Report): void {
  for (const sample of samples.filter((each) => each.name === name)) {
    const quantile = toNumber(sample.labels.get('quantile'));
    if (!(quantile >= 0 && quantile <= 1)) {
      report('quantile', sample, 'a label quantile from 0 to 1', describe(sample));
    }
  }
}

/** Each series of a histogram: its lines stand together, its buckets ascend and add up, and +Inf equals the count. */
function checkHistogram({ name, samples }: ParsedFamily, format: ExpositionFormat, report: Report): void {
  const series = new Map<string, ParsedSample[]>();
  let previous: string | undefined;
  for (const sample of samples) {
    const key = JSON.stringify(seriesOf(sample, 'le'));
    const lines = series.get(key) ?? [];
    if (key !== previous && lines.length > 0) {
      report('series-together', sample, `the lines of a series of ${name} together`, describe(sample));
    }
    previous = key;
    lines.push(sample);
    series.set(key, lines);
  }
  for (const lines of series.values()) {
    const buckets = lines.filter((sample) => sample.name === `${name}_bucket`);
    checkBuckets(buckets, report);
    checkTotals(name, lines, buckets, format, report);
  }
}

function checkBuckets(buckets: readonly ParsedSample[], report: Report): void {
  let previous: ParsedSample | undefined;
  for (const bucket of buckets) {
    const bound = toNumber(bucket.labels.get('le'));
    if (Number.isNaN(bound)) report('bucket-bound', bucket, 'a label le with a number', describe(bucket));
    if (previous !== undefined) {
      const last = toNumber(previous.labels.get('le'));
      const got = `${describe(bucket)} after ${describe(previous)}`;
      if (bound === last) report('bucket-repeated', bucket, 'each bucket once', got);
      else if (bound < last) report('bucket-order', bucket, 'buckets in ascending order', got);
      if (bound >= last && bucket.value < previous.value) {
        report(
          'bucket-cumulative',
          bucket,
          `at least ${previous.value}, as in the bucket before`,
          String(bucket.value),
        );
      }
    }
    previous = bucket;
  }
}

function checkTotals(
  name: string,
  lines: readonly ParsedSample[],
  buckets: readonly ParsedSample[],
  format: ExpositionFormat,
  report: Report,
): void {
  const first = lines[0] as ParsedSample; // a series has at least one line
  const find = (suffix: string) => lines.find((sample) => sample.name === name + suffix);
  const infinity = buckets.find(({ labels }) => toNumber(labels.get('le')) === Infinity);
  if (infinity === undefined) {
    report('bucket-infinity', buckets.at(-1) ?? first, `a bucket of ${name} with le="+Inf"`, 'none');
  }
  // OpenMetrics has neither sum nor count of observations that can be negative.
  const isSigned = format === 'openmetrics' && buckets.some(({ labels }) => toNumber(labels.get('le')) < 0);
  const [count, sum] = [find('_count'), find('_sum')];
  if (count === undefined && !isSigned) report('histogram-count', first, `${name}_count`, 'none');
  if (sum === undefined && !isSigned) report('histogram-sum', first, `${name}_sum`, 'none');
  if (count !== undefined && infinity !== undefined && count.value !== infinity.value) {
    report('count-is-infinity', count, `${infinity.value}, as in the bucket +Inf`, String(count.value));
  }
}

/** The labels that make a series, in a fixed order. */
function seriesOf({ labels }: ParsedSample, except?: string): [string, string][] {
  const pairs = [...labels].filter(([name, value]) => value !== '' && name !== except);
  return pairs.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** A sample without its value, as in the exposition. */
export function describe({ name, labels }: Pick<ParsedSample, 'name' | 'labels'>): string {
  const pairs = Array.from(labels, ([label, value]) => `${label}=${JSON.stringify(value)}`);
  return pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`;
}
