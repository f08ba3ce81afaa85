import './results.css';
import { useMemo } from 'preact/hooks';
import { Chart } from '../../charts/chart.tsx';
import { type ChartSeries, seriesStyles } from '../../charts/series/series-style.ts';
import { SeriesTable } from '../../charts/series/series-table.tsx';
import type { Unit } from '../../format/quantity.ts';
import { TextButton } from '../../ui/buttons/button.tsx';
import { changeView, resetZoom } from '../../view/view.ts';
import { type DrawnSeries, drawnSeries, type LetteredResult } from './drawn-series.ts';
import { unitOfResults } from './query-unit.ts';

const PLOT_HEIGHT = 340;
/** As many cells as a browser draws without a pause. */
const MOST_CELLS = 12_000;

export interface RangeResultsData {
  readonly times: readonly number[];
  readonly series: readonly (DrawnSeries & ChartSeries)[];
  readonly unit: Unit;
  /** Series in the results; the chart may draw fewer. */
  readonly total: number;
}

/** The data of the chart; computed again when the results change. */
export function useRangeResults(ranges: readonly LetteredResult[]): RangeResultsData {
  return useMemo(
    () => {
      const results = ranges.map(({ result }) => result);
      const times = [...new Set(results.flatMap((result) => result.times))].sort((a, b) => a - b);
      const series = drawnSeries(ranges, times);
      const styles = seriesStyles(series.map(({ legend }) => legend));
      return {
        times,
        series: series.map((each, i) => ({ ...each, ...(styles[i] ?? { color: '--series-1' }) })),
        unit: unitOfResults(results),
        total: results.reduce((sum, result) => sum + result.series.length, 0),
      };
    },
    // Each render makes a new list; the results in it stay the same.
    ranges.flatMap(({ letter, result }) => [letter, result]),
  );
}

export interface RangeResultsProps {
  readonly data: RangeResultsData;
  /** Whether a table of the points replaces the chart. */
  readonly isTable: boolean;
  readonly onTable: () => void;
}

/** Range queries as one chart, or as a table of its points. */
export function RangeResults({ data: { times, series, unit, total }, isTable, onTable }: RangeResultsProps) {
  const rows = Math.max(1, Math.floor(MOST_CELLS / series.length));
  return (
    <>
      {series.length < total && (
        <p class="results-note">
          The largest {series.length} of {total.toLocaleString('en')} series shown, in the CSV too.{' '}
          <TextButton onClick={onTable}>The table has all series</TextButton>
        </p>
      )}
      {isTable && rows < times.length && (
        <p class="results-note">
          The newest {rows.toLocaleString('en')} of {times.length.toLocaleString('en')} points shown; the CSV
          has all.
        </p>
      )}
      {isTable ? (
        <Points times={times} series={series} unit={unit} rows={rows} />
      ) : (
        <Chart
          title="Results"
          unit={unit}
          times={times}
          series={series}
          height={PLOT_HEIGHT}
          hasLongLegends
          onZoom={(window) => changeView({ window })}
          onReset={resetZoom}
        />
      )}
    </>
  );
}

interface PointsProps extends Pick<RangeResultsData, 'times' | 'series' | 'unit'> {
  readonly rows: number;
}

function Points({ times, series, unit, rows }: PointsProps) {
  const newest = series.map(({ legend, values }) => ({ legend, values: values.slice(-rows) }));
  return <SeriesTable title="Results" unit={unit} times={times.slice(-rows)} series={newest} />;
}
