import { formatTime, formatValue, type Unit } from '../format.ts';
import { isUtc } from '../view.ts';
import { Swatch } from './legend.tsx';
import type { ChartSeries } from './series-style.ts';

const MOST_ROWS = 10;

export interface TooltipProps {
  readonly time: number | undefined;
  readonly series: readonly ChartSeries[];
  readonly index: number;
  readonly unit: Unit;
  /** Pixels from the left edge of the chart. */
  readonly left: number;
}

/** The values under the pointer, largest first. It is for the eye; the table says the same to everyone. */
export function Tooltip({ time, series, index, unit, left }: TooltipProps) {
  if (time === undefined) return null;
  const rows = series
    .map((each) => ({ each, value: each.values[index] ?? null }))
    .toSorted((a, b) => (b.value ?? -Infinity) - (a.value ?? -Infinity));
  const more = rows.length - MOST_ROWS;
  return (
    <div
      class="tooltip"
      aria-hidden="true"
      ref={(element) => {
        if (element !== null) place(element, left);
      }}
    >
      <p class="tooltip-time">
        {formatTime(time, { isUtc: isUtc.value })}
        {isUtc.value && ' UTC'}
      </p>
      <dl>
        {rows.slice(0, MOST_ROWS).map(({ each, value }) => (
          <div key={each.legend}>
            <dt>
              <Swatch series={each} />
              {each.legend}
            </dt>
            <dd>{formatValue(value, unit)}</dd>
          </div>
        ))}
      </dl>
      {more > 0 && <p class="tooltip-more">and {more} more</p>}
    </div>
  );
}

/** Beside the crosshair, on the side that has room. */
function place(element: HTMLElement, left: number): void {
  const room = element.parentElement?.clientWidth ?? 0;
  const width = element.offsetWidth;
  const x = left + 12 + width > room ? left - 12 - width : left + 12;
  element.style.transform = `translateX(${Math.round(Math.max(0, x))}px)`;
}
