/* A page about the metrics of a registry, for the people who query them. */

/** A registry of this library, of the client or of prom-client. */
export interface DescribableRegistry {
  getMetricsAsArray(): readonly object[];
}

export interface MetricsDocsOptions {
  /** The heading of the page. Default: `Metrics`. */
  readonly title?: string;
}

/** What a metric of any library says of itself. */
interface Described {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labelNames: readonly string[];
  readonly buckets?: readonly number[] | undefined;
  readonly percentiles?: readonly number[] | undefined;
  readonly enableExemplars?: boolean | undefined;
}

/** Markdown with a section for each metric, by name: help, type, labels, buckets or quantiles, exemplars. */
export function metricsDocs(
  registry: DescribableRegistry,
  { title = 'Metrics' }: MetricsDocsOptions = {},
): string {
  const metrics = registry.getMetricsAsArray().map(read);
  const sections = metrics.sort((a, b) => (a.name < b.name ? -1 : 1)).map(section);
  return [`# ${title}\n`, ...sections].join('\n');
}

function read(metric: object): Described {
  const given = metric as Partial<Described> & {
    readonly upperBounds?: readonly number[];
    readonly bounds?: Iterable<number>;
  }; // by the contract of a metric; what a library leaves out is left out
  const { name = '', help = '', labelNames = [], percentiles, enableExemplars } = given;
  const type = given.type ?? metric.constructor.name.toLowerCase();
  const bounds = given.bounds === undefined ? given.upperBounds : [...given.bounds];
  return { name, help, type, labelNames, buckets: bounds, percentiles, enableExemplars };
}

function section({ name, help, labelNames, ...rest }: Described): string {
  const facts = [rest.type];
  if (labelNames.length > 0) facts.push(`labels: ${labelNames.map(code).join(', ')}`);
  if (rest.type === 'histogram' && rest.buckets)
    facts.push(`buckets: ${rest.buckets.filter(Number.isFinite).join(', ')}`);
  if (rest.type === 'summary' && rest.percentiles) facts.push(`quantiles: ${rest.percentiles.join(', ')}`);
  if (rest.enableExemplars) facts.push('exemplars');
  return `## ${name}\n\n${escapeMarkdown(help)}\n\n${facts.join(' · ')}\n`;
}

/** A help text is plain text: nothing of it is a heading, a link or a tag. */
function escapeMarkdown(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line
    .replaceAll(/[\\`*_[\]<>|#]/g, '\\$&')
    .replace(/^(\d+)([.)])/, '$1\\$2')
    .replace(/^([-+=~])/, '\\$1');
}

function code(text: string): string {
  return `\`${text}\``;
}
