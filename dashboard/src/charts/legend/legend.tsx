import './legend.css';
import { useMemo, useRef } from 'preact/hooks';
import { formatTick, type Unit } from '../../format/quantity.ts';
import { legendComparison } from '../series/comparison.ts';
import { largestFirst } from '../series/series-order.ts';
import type { ChartSeries } from '../series/series-style.ts';
import { currentValue } from '../series/summary.ts';
import { Swatch } from './swatch.tsx';
import { useFittingCount } from './use-fitting-count.ts';

export interface LegendProps {
  readonly series: readonly ChartSeries[];
  readonly times: readonly number[];
  readonly unit: Unit;
  /** Index of the point under the crosshair; null: the legend shows current values. */
  readonly index: number | null;
  readonly hidden: ReadonlySet<string>;
  /** Names what the chart leaves out; empty: nothing. */
  readonly folded: string;
  /** Names the time of the series' earlier values. */
  readonly comparedWith?: string | undefined;
  readonly isLong: boolean;
  readonly onToggle: (legend: string) => void;
  readonly onOnly: (legend: string) => void;
  /** If given, there are two lines at most, the largest series first, and a button for the rest. */
  readonly onMore?: () => void;
}

/** Units with longer values. The legend keeps room for them, so that nothing moves while they change. */
const WITH_SUFFIX: ReadonlySet<Unit> = new Set<Unit>(['seconds', 'bytes', 'ratio']);
/** Up to so many series keep their order: quantiles, states and outcomes have an order of their own. */
const FEW = 4;

/** A button for each series: a click hides or shows it; Shift and click shows it alone. */
export function Legend(props: LegendProps) {
  const { series, times, unit, index, hidden, folded, comparedWith } = props;
  const { isLong, onToggle, onOnly, onMore } = props;
  const list = useRef<HTMLUListElement>(null);
  const isShort = onMore !== undefined;
  const shown = useMemo(
    () => (isShort && series.length > FEW ? largestFirst(series, times) : series),
    [series, times, isShort],
  );
  const fitting = useFittingCount(list, isShort ? shown : null, folded);
  const more = Math.max(0, shown.length - fitting);
  const valueAt = (values: readonly (number | null)[]) =>
    index === null ? currentValue(values, times) : values[index];
  return (
    <div class={isShort ? 'legend-short' : undefined}>
      <ul
        class={`legend${WITH_SUFFIX.has(unit) ? ' legend-wide' : ''}${isLong ? ' legend-long' : ''}`}
        aria-label="Series"
        ref={list}
      >
        {shown.map((each, i) => (
          <li key={each.legend} data-left-out={i >= fitting}>
            <button
              type="button"
              class="legend-entry"
              aria-pressed={!hidden.has(each.legend)}
              title="Click: hide or show. Shift and click: show this one alone."
              onClick={(event) => (event.shiftKey ? onOnly(each.legend) : onToggle(each.legend))}
            >
              <Swatch series={each} />
              <span class="legend-name" title={each.legend}>
                {each.legend}
              </span>
              <LegendValues series={each} valueAt={valueAt} {...{ unit, comparedWith }} />
            </button>
          </li>
        ))}
      </ul>
      {isShort && (more > 0 || folded !== '') && (
        <button type="button" class="legend-entry legend-more" onClick={onMore}>
          {more > 0 && `+${more} more`}
          {more > 0 && folded !== '' && ', '}
          {folded}
        </button>
      )}
      {!isShort && folded !== '' && <p class="legend-folded">{folded}</p>}
    </div>
  );
}

interface LegendValuesProps {
  readonly series: ChartSeries;
  readonly valueAt: (values: readonly (number | null)[]) => number | null | undefined;
  readonly unit: Unit;
  readonly comparedWith: string | undefined;
}

/** The value, and beside it that of the earlier time with the difference. */
function LegendValues({ series, valueAt, unit, comparedWith }: LegendValuesProps) {
  const value = valueAt(series.values);
  return (
    <>
      <span class="legend-value">{formatTick(value, unit)}</span>
      {series.earlier !== undefined && (
        <span class="legend-earlier" title={comparedWith}>
          {legendComparison(value, valueAt(series.earlier), unit)}
        </span>
      )}
    </>
  );
}
