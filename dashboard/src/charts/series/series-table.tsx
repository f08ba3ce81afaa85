import './series-table.css';
import { formatValue, type Unit } from '../../format/quantity.ts';
import { formatTime } from '../../format/time.ts';
import { isUtc } from '../../view/view.ts';
import type { ChartSeries } from './series-style.ts';

export interface SeriesTableProps {
  readonly title: string;
  readonly unit: Unit;
  readonly times: readonly number[];
  readonly series: readonly Pick<ChartSeries, 'legend' | 'values' | 'earlier'>[];
  /** Names the time of the series' earlier values, which get columns of their own. */
  readonly comparedWith?: string | undefined;
}

/** A chart as a table, newest first: for screen readers, and to read exact values. */
export function SeriesTable({ title, unit, times, series, comparedWith }: SeriesTableProps) {
  const columns = series.flatMap(({ legend, values, earlier }) => [
    { legend, values },
    ...(earlier === undefined ? [] : [{ legend: `${legend}, ${comparedWith}`, values: earlier }]),
  ]);
  const rows = times.map((time, index) => ({ time, index })).toReversed();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section class="series-table" tabIndex={0} aria-label={`${title}: table`}>
      <table>
        <caption class="visually-hidden">{title}, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Time{isUtc.value && ' (UTC)'}</th>
            {columns.map(({ legend }) => (
              <th key={legend} scope="col">
                {legend}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ time, index }) => (
            <tr key={time}>
              <th scope="row">{formatTime(time, { isUtc: isUtc.value })}</th>
              {columns.map(({ legend, values }) => (
                <td key={legend}>{formatValue(values[index], unit)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
