import type { DrawnSeries } from './drawn-series.ts';
import type { InstantResult } from './query-result.ts';
import { tableOf } from './sample-order.ts';

/** Rows by RFC 4180: CRLF ends each row, and fields have quotes if they need them. */
export function csv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

/** Cells that a spreadsheet would run as a formula, or that hide such a cell behind white space; also in full width. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;
/** As JavaScript and Prometheus write numbers: these begin with a sign, and run nothing. */
const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$|^[+-]?Inf(inity)?$/i;

/** A quote before a formula makes it text: names and values of labels may come from anyone. Numbers stay numbers. */
function field(text: string): string {
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\t\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
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
