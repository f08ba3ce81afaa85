import type { DrawnSeries } from './drawn-series.ts';
import type { InstantResult } from './query-result.ts';
import { tableOf } from './sample-order.ts';

/** Rows by RFC 4180: CRLF ends each row, and fields have quotes if they need them. */
export function csv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

function field(text: string): string {
  const safe = isFormula(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Whether a spreadsheet would run the text: it takes these first characters for a formula's. Numbers may have a sign. */
function isFormula(text: string): boolean {
  return /^[=+\-@\t\r]/.test(text) && !/^[+-](?:Inf|[\d.]+(?:e[+-]?\d+)?)$/.test(text);
}

/** A chart: a row for each time, a column for each drawn series. */
export function chartCsv(times: readonly number[], series: readonly DrawnSeries[]): string {
  return csv([
    ['time', ...series.map(({ name }) => name)],
    ...times.map((time, i) => [isoTime(time), ...series.map(({ values }) => String(values[i] ?? ''))]),
  ]);
}

/** Tables one below the other. The first column is the row's query. */
export function tableCsv(results: readonly InstantResult[]): string {
  const { labels } = tableOf(results.flatMap(({ samples }) => samples));
  return csv([
    ['query', ...labels, 'time', 'value'],
    ...results.flatMap(({ query, samples }) =>
      samples.map((sample) => [
        query,
        ...labels.map((label) => sample.labels[label] ?? ''),
        isoTime(sample.time),
        sample.value,
      ]),
    ),
  ]);
}

function isoTime(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString();
}
