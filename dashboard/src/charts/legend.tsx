import { formatTick, type Unit } from '../format.ts';
import type { ChartSeries } from './series-style.ts';
import { currentValue } from './summary.ts';

export interface LegendProps {
  readonly series: readonly ChartSeries[];
  readonly unit: Unit;
  /** The point under the crosshair; null: the last value is shown. */
  readonly index: number | null;
  readonly hidden: ReadonlySet<string>;
  readonly onToggle: (legend: string) => void;
  readonly onOnly: (legend: string) => void;
}

/** Units whose values are longer; room is kept for them, so that nothing moves while they change. */
const WITH_SUFFIX: ReadonlySet<Unit> = new Set<Unit>(['seconds', 'bytes', 'ratio']);

/** What is drawn, each a button: a click hides or shows it, with Shift it is shown alone. */
export function Legend({ series, unit, index, hidden, onToggle, onOnly }: LegendProps) {
  return (
    <ul class={`legend${WITH_SUFFIX.has(unit) ? ' legend-wide' : ''}`} aria-label="Series">
      {series.map((each) => (
        <li key={each.legend}>
          <button
            type="button"
            class="legend-entry"
            aria-pressed={!hidden.has(each.legend)}
            title="Click: hide or show. Shift and click: this one alone."
            onClick={(event) => (event.shiftKey ? onOnly(each.legend) : onToggle(each.legend))}
          >
            <Swatch series={each} />
            <span class="legend-name" title={each.legend}>
              {each.legend}
            </span>
            <span class="legend-value">
              {formatTick(index === null ? currentValue(each.values) : each.values[index], unit)}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** The line as it is drawn: colour and dash. */
export function Swatch({ series }: { readonly series: Pick<ChartSeries, 'color' | 'dash'> }) {
  return (
    <svg class="swatch" viewBox="0 0 14 4" aria-hidden="true" focusable="false">
      <line
        x1="0"
        y1="2"
        x2="14"
        y2="2"
        style={{ stroke: `var(${series.color})` }}
        stroke-dasharray={series.dash?.join(' ')}
      />
    </svg>
  );
}
