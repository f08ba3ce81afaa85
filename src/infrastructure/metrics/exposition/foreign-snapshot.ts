import { Instrument, type Sample, type Snapshot } from '../instruments/instrument.ts';
import { createExemplar, type Exemplar } from '../series/exemplar.ts';
import { checkLabelNames, describe, toReadable } from '../series/label-validation.ts';
import { namesOf } from './text-format.ts';

/*
 * What `get()` of another library's metric returned may have any shape. A scrape shows only what scrapers can read: so
 * the samples are copied, each one is checked, and the first that is wrong leaves the metric out.
 */

/** A metric as its library registered it. */
interface Registered {
  readonly name: string;
  readonly type: string;
}

const KNOWN_TYPES = ['counter', 'gauge', 'histogram', 'summary'];

/** How many samples are read between two points where the event loop may run. */
const SAMPLES_A_SLICE = 500;

/** Copies a snapshot of the metric, with default labels where a sample lacks them. Throws unless scrapers can read it. The event loop may run at each `yield`. */
export function* readSnapshot(
  metric: Registered,
  result: unknown,
  defaultLabels: Readonly<Sample['labels']>,
): Generator<void, Snapshot> {
  if (typeof result !== 'object' || result === null) fail(metric, 'an object from get()', result);
  const { name, help, type, values, aggregator } = result as Record<string, unknown>; // each is checked below
  const names = namesOf(metric);
  if (typeof name !== 'string' || !names.includes(name)) fail(metric, `one of the names ${names}`, name);
  if (KNOWN_TYPES.includes(metric.type) && type !== metric.type)
    fail(metric, `the type ${metric.type}`, type);
  if (!Array.isArray(values)) fail(metric, 'a list of values', values);
  const samples: Sample[] = [];
  const seen = new Set<string>();
  for (const [index, sample] of values.entries()) {
    const read = readSample(metric, names, sample, defaultLabels);
    const { labels, metricName = '' } = read;
    const identity = identityOf(metricName, labels);
    if (seen.has(identity)) fail(metric, 'each series once', labels);
    seen.add(identity);
    samples.push(read);
    if (index % SAMPLES_A_SLICE === SAMPLES_A_SLICE - 1) yield;
  }
  if (metric.type === 'histogram') checkHistogram(metric, samples);
  return {
    name: metric.name,
    help: typeof help === 'string' ? help : '',
    type: KNOWN_TYPES.includes(metric.type) || type === 'gauge' ? (type as string) : 'untyped',
    values: samples,
    ...(typeof aggregator === 'string' && { aggregator: aggregator as NonNullable<Snapshot['aggregator']> }),
  };
}

/** As above, without pauses. */
export function readWholeSnapshot(
  metric: Registered,
  result: unknown,
  defaultLabels: Readonly<Sample['labels']>,
): Snapshot {
  const steps = readSnapshot(metric, result, defaultLabels);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value as Snapshot; // the last step has it
  }
}

/** A metric's snapshot, which `result` is for one of another library; undefined, and told, when it is wrong. */
export function snapshotOf(
  metric: Registered,
  result: unknown,
  defaultLabels: Readonly<Sample['labels']>,
  onError: (name: string, error: unknown) => void,
): Snapshot | undefined {
  if (metric instanceof Instrument) return metric.snapshot();
  try {
    return readWholeSnapshot(metric, result, defaultLabels);
  } catch (error) {
    onError(metric.name, error);
    return undefined;
  }
}

function readSample(
  metric: Registered,
  names: readonly string[],
  sample: unknown,
  defaultLabels: Readonly<Sample['labels']>,
): Sample {
  if (typeof sample !== 'object' || sample === null) fail(metric, 'objects as samples', sample);
  const { value, metricName, labels, exemplar } = sample as Record<string, unknown>; // each is checked below
  const isNumber = typeof value === 'number' || typeof value === 'bigint';
  if (!isNumber || (metric.type === 'counter' && !(value >= 0)))
    fail(metric, `a number of a ${metric.type}`, value);
  if (metricName !== undefined && !names.includes(metricName as string)) {
    fail(metric, `samples of the names ${names}`, metricName);
  }
  const isExemplified = metric.type === 'counter' || metricName === `${metric.name}_bucket`;
  const exemplarOf = isExemplified ? readExemplar(metric, exemplar) : undefined;
  return {
    value: Number(value),
    labels: { ...defaultLabels, ...readLabels(metric, labels ?? {}) },
    ...(typeof metricName === 'string' && metricName !== metric.name && { metricName }),
    ...(exemplarOf !== undefined && { exemplar: exemplarOf }),
  };
}

/** The labels without those that have no value. */
function readLabels(metric: Registered, labels: unknown): Sample['labels'] {
  if (typeof labels !== 'object' || labels === null) fail(metric, 'an object of labels', labels);
  const given = Object.entries(labels).filter(([, value]) => value !== undefined && value !== null);
  checkLabelNames(
    metric.name,
    given.map(([name]) => name),
    [],
  );
  return Object.fromEntries(
    given.map(([name, value]) => [name, typeof value === 'number' ? value : toReadable(String(value))]),
  );
}

/** The exemplar, or undefined for one that no scraper would take. */
function readExemplar({ name }: Registered, exemplar: unknown): Exemplar | undefined {
  if (exemplar === undefined || exemplar === null) return undefined;
  try {
    const { labelSet, value, timestamp } = exemplar as Exemplar; // what is not so is dropped
    if (!Number.isFinite(value)) return undefined;
    const read = createExemplar(name, labelSet, value);
    return Number.isFinite(timestamp) ? { ...read, timestamp } : read;
  } catch {
    return undefined;
  }
}

/** Throws unless the buckets of each series ascend, never fall, and end with +Inf, which is the count. */
function checkHistogram(metric: Registered, samples: readonly Sample[]): void {
  const all = new Map<string, { bound: number; value: number; count?: number }>();
  for (const { metricName, labels, value } of samples) {
    const { le, ...others } = labels;
    const key = identityOf('', others);
    const series = all.get(key) ?? { bound: -Infinity, value: 0 };
    all.set(key, series);
    if (metricName === `${metric.name}_bucket`) {
      const bound = Number(String(le).replace('Inf', 'Infinity'));
      if (!(bound > series.bound && value >= series.value)) fail(metric, 'ascending buckets', labels);
      Object.assign(series, { bound, value });
    } else {
      if (le !== undefined) fail(metric, 'le at buckets only', labels);
      if (metricName === `${metric.name}_count`) series.count = value;
    }
  }
  for (const { bound, value, count } of all.values()) {
    if (bound !== Infinity || count !== value)
      fail(metric, 'a last bucket +Inf that is the count', [value, count]);
  }
}

/** A series by its name and labels, in any order. An empty value is the same as no label. */
function identityOf(name: string, labels: Sample['labels']): string {
  const given = Object.entries(labels).filter(([, value]) => value !== '');
  return JSON.stringify([
    name,
    given.sort(([a], [b]) => (a < b ? -1 : 1)).map(([label, value]) => [label, `${value}`]),
  ]);
}

function fail({ name }: Registered, expected: string, given: unknown): never {
  throw new TypeError(`${name}: expected ${expected}; got ${describe(given)}`);
}
