import type { Sample, SampleLine, Snapshot } from '../instruments/instrument.ts';
import type { Exemplar } from '../series/exemplar.ts';
import { toReadable } from '../series/label-validation.ts';
import type { LabelValue } from '../series/labels.ts';
import type { Format } from './accept.ts';
import { formatCanonical, formatNumber } from './number-format.ts';

/*
 * Metrics as text, in Prometheus's format 0.0.4 and OpenMetrics 1.0:
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 * https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md
 */

export const CONTENT_TYPES = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
} as const satisfies Record<Format, string>;

/** What ends a body. Text 0.0.4 has no end mark. */
export const ENDINGS = { text: '', openmetrics: '# EOF\n' } as const satisfies Record<Format, string>;

/** Base units of Prometheus's naming conventions. A name that ends with one gets it as its UNIT. */
const UNITS = ['seconds', 'bytes', 'ratio', 'celsius', 'meters', 'volts', 'amperes', 'joules', 'grams'];

interface Described {
  readonly name: string;
  readonly type: string;
  readonly help: string;
}

/** A family's name in a format. In OpenMetrics a counter's `_total` belongs to the sample, not to the family. */
export function familyName({ name, type }: Pick<Described, 'name' | 'type'>, format: Format): string {
  return format === 'openmetrics' && type === 'counter' ? name.replace(/(?<=.)_total$/, '') : name;
}

/**
 * A family's type in a format. A series has one name in both. OpenMetrics gives each counter the suffix `_total`, so
 * that a counter of another name is of the type `unknown` there.
 */
export function exposedType({ name, type }: Pick<Described, 'name' | 'type'>, format: Format): string {
  const isKnown = ['counter', 'gauge', 'histogram', 'summary'].includes(type);
  if (format === 'text') return isKnown ? type : 'untyped';
  return isKnown && (type !== 'counter' || /._total$/.test(name)) ? type : 'unknown';
}

/** Every name that a family uses in either format. No other family may use one of them. */
export function namesOf({ name, type }: Pick<Described, 'name' | 'type'>): string[] {
  const base = familyName({ name, type }, 'openmetrics');
  if (type === 'counter') return base === name ? [name] : [name, base, `${base}_created`];
  if (type === 'histogram')
    return [name, ...['_bucket', '_sum', '_count', '_created'].map((end) => name + end)];
  if (type === 'summary') return [name, ...['_sum', '_count', '_created'].map((end) => name + end)];
  return [name];
}

/** The lines HELP and TYPE, and in OpenMetrics UNIT where the name ends with one. */
export function formatHeader(family: Described, format: Format): string {
  const name = familyName(family, format);
  const help = toReadable(family.help).replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  const type = exposedType(family, format);
  if (format === 'text') return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
  const unit = UNITS.find((known) => name.endsWith(`_${known}`));
  const unitLine = unit === undefined ? '' : `# UNIT ${name} ${unit}\n`;
  return `# TYPE ${name} ${type}\n${unitLine}# HELP ${name} ${help.replaceAll('"', '\\"')}\n`;
}

/** `name="value",…`, escaped, without braces. */
export function formatLabels(names: readonly string[], values: readonly LabelValue[]): string {
  return names.map((name, index) => `${name}="${escapeLabelValue(String(values[index]))}"`).join(',');
}

function escapeLabelValue(value: string): string {
  if (!/[\\"\n]/.test(value)) return value;
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** A bucket's bound as the value of `le`. */
export function formatBound(bound: number, format: Format): string {
  return format === 'openmetrics' ? formatCanonical(bound) : formatNumber(bound);
}

/** ` # {trace_id="…"} value timestamp`, or an empty text: 0.0.4 has no exemplars. */
export function formatExemplar(exemplar: Exemplar | null | undefined, format: Format): string {
  if (!exemplar || format === 'text') return '';
  const { labelSet, value, timestamp } = exemplar;
  const labels = formatLabels(Object.keys(labelSet), Object.values(labelSet));
  const time = timestamp === undefined ? '' : ` ${formatNumber(timestamp)}`;
  return ` # {${labels}} ${formatNumber(value)}${time}`;
}

/**
 * The sample lines that a format has. With negative bounds a sum may fall, so that OpenMetrics forbids `_sum` and
 * with it `_count`.
 */
export function linesIn(lines: readonly SampleLine[], format: Format): readonly SampleLine[] {
  const isSigned = lines.some(({ bound = 0 }) => bound < 0);
  return isSigned && format === 'openmetrics' ? lines.filter(({ bound }) => bound !== undefined) : lines;
}

/** How many samples of another library's metric go into one piece of text. */
const SAMPLES_A_PIECE = 500;

/** Another library's metric as text, from a snapshot that `readSnapshot` checked, in pieces: header, then samples. */
export function* formatSnapshot(
  snapshot: Snapshot,
  format: Format,
  defaultLabels: Readonly<Record<string, LabelValue>>,
): Generator<string, void> {
  const { name } = snapshot;
  const hasExemplars = exposedType(snapshot, format) !== 'unknown';
  let text = formatHeader(snapshot, format);
  for (const [index, sample] of snapshot.values.entries()) {
    text += formatSample(sample, sample.metricName ?? name, format, defaultLabels);
    text += `${hasExemplars ? formatExemplar(sample.exemplar, format) : ''}\n`;
    if (index % SAMPLES_A_PIECE === 0) {
      yield text;
      text = '';
    }
  }
  yield text;
}

function formatSample(
  { labels, value }: Sample,
  name: string,
  format: Format,
  defaultLabels: Readonly<Record<string, LabelValue>>,
): string {
  const given = Object.entries({ ...defaultLabels, ...labels });
  const values = given.map(([label, value]) => {
    const isBound = typeof value === 'number' && (label === 'le' || label === 'quantile');
    return isBound ? formatBound(value, format) : value;
  });
  const labelText = formatLabels(
    given.map(([label]) => label),
    values,
  );
  const braces = labelText === '' ? '' : `{${labelText}}`;
  return `${name}${braces} ${formatNumber(value)}`;
}
