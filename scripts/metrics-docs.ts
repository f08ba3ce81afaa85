import { writeFileSync } from 'node:fs';
import type { CatalogueEntry } from '../src/infrastructure/telemetry/catalogue/entry.ts';
import { METRIC_DEFINITIONS } from '../src/infrastructure/telemetry/catalogue.ts';
import costs from './metrics-cost.json' with { type: 'json' };
import type { MetricsCost } from './metrics-cost.ts';

/*
 * Writes docs/metrics.md from the catalogue: `npx node scripts/metrics-docs.ts`. A test fails when the page is stale.
 */

/** The text of the page. */
export function metricsPage(entries: readonly CatalogueEntry[] = METRIC_DEFINITIONS): string {
  return `# Metrics

\`npx node scripts/metrics-docs.ts\` writes this page from the
[catalogue](../src/infrastructure/telemetry/catalogue.ts); do not edit it.

Every metric carries \`service\`. Metrics of the whole queue are the same from every process: take \`max\`, not \`sum\`.
Both services also expose Node's own \`nodejs_*\` and \`process_*\`.

A counter or histogram begins at 0 when its labels are known. Those of event types begin with each handler, times the values
listed here. Those of HTTP begin with each route, times its 2xx and 5xx statuses. Those of the query API begin with each endpoint,
and those of Redis with each command. HEAD requests and 4xx statuses begin with their first. So \`increase\` and \`rate\` see the first event after the first scrape of a
process. They never see what it counted before: the alerts on dead, stalled and removed tasks add that.

Time buckets are at most a factor of 2 apart, and so a quantile is wrong by no more than that. The buckets of HTTP requests and
Redis commands are fixed, and some are wider.

## What it costs

Of one process just after its start, before any task. Series are sample lines: what a TSDB stores. The time is the median of 21
scrapes. \`npx node scripts/metrics-cost.ts\` measures it.

${costTable(costs)}

${entries.map(section).join('\n')}`;
}

/** With cells of equal width, as the formatter has them. */
function costTable(rows: readonly MetricsCost[]): string {
  const head = ['process', 'event types', 'series', 'bytes', 'gzip bytes', 'ms a scrape'];
  const body = rows.map(({ service, eventTypes, series, bytes, gzipBytes, milliseconds }) => [
    service,
    ...[eventTypes, series, bytes, gzipBytes, milliseconds].map((each) => each.toLocaleString('en')),
  ]);
  const widths = head.map((_, i) => Math.max(...[head, ...body].map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const pad = (cell: string, i: number) =>
    i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0);
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [head.map(pad), rule, ...body.map((row) => row.map(pad))].map(line).join('\n');
}

function section({
  name,
  help,
  labelValues = {},
  panels = [],
  note,
  question,
  query,
  ...rest
}: CatalogueEntry): string {
  const values = Object.entries(labelValues).map(([label, given]) => {
    return `\n\`${label}\`: ${typeof given === 'string' ? given : given.join(', ')}\n`;
  });
  const drawn = panels.length === 0 ? '' : `\nDrawn by: ${panels.map(code).join(', ')}\n`;
  return `## ${name}

${help}

${properties(rest)}
${values.join('')}${drawn}${note === undefined ? '' : `\n${note}\n`}
${question}

\`\`\`promql
${query}
\`\`\`
`;
}

function properties({
  type,
  labelNames,
  buckets,
  enableExemplars,
}: Pick<CatalogueEntry, 'type' | 'labelNames' | 'buckets' | 'enableExemplars'>): string {
  const parts = [type === 'info' ? 'gauge, always 1' : type, `labels: ${labelNames.map(code).join(', ')}`];
  if (buckets !== undefined) parts.push(`buckets: ${buckets.join(', ')}`);
  if (enableExemplars) parts.push('exemplars: `trace_id`');
  return parts.join(' · ');
}

function code(text: string): string {
  return `\`${text}\``;
}

if (import.meta.main) writeFileSync(new URL('../docs/metrics.md', import.meta.url), metricsPage());
