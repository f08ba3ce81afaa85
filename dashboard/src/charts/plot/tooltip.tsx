import './tooltip.css';
import { formatValue, type Unit } from '../../format/quantity.ts';
import { formatTime } from '../../format/time.ts';
import { isUtc } from '../../view/view.ts';
import { Swatch } from '../legend/swatch.tsx';
import { tooltipRows } from '../series/series-order.ts';
import type { ChartSeries } from '../series/series-style.ts';

/** Distance to the edge of the screen, in pixels. */
const MARGIN = 8;

export interface TooltipProps {
  readonly time: number | undefined;
  readonly series: readonly ChartSeries[];
  readonly index: number;
  /** What happened at this time. */
  readonly marks: readonly string[];
  readonly unit: Unit;
  /** Pixels from the left edge of the chart. */
  readonly left: number;
  readonly hasLongLegends: boolean;
}

/** The values under the pointer, largest first. Screen readers skip it: the table has the same values. */
export function Tooltip({ time, series, index, marks, unit, left, hasLongLegends }: TooltipProps) {
  if (time === undefined) return null;
  const { rows, more, areZero } = tooltipRows(series, index);
  return (
    <div
      class={hasLongLegends ? 'tooltip tooltip-long' : 'tooltip'}
      aria-hidden="true"
      ref={(element) => {
        if (element !== null) place(element, left);
      }}
    >
      <p class="tooltip-time">
        {formatTime(time, { isUtc: isUtc.value })}
        {isUtc.value && ' UTC'}
      </p>
      {marks.map((text) => (
        <p key={text} class="tooltip-mark">
          {text}
        </p>
      ))}
      <dl>
        {rows.map(({ series: each, value }) => (
          <div key={each.legend}>
            <dt>
              <Swatch series={each} />
              {each.legend}
            </dt>
            <dd>{formatValue(value, unit)}</dd>
          </div>
        ))}
      </dl>
      {more > 0 && (
        <p class="tooltip-more">
          and {more} more{areZero && `, ${formatValue(0, unit)} each`}
        </p>
      )}
    </div>
  );
}

/** Puts it beside the crosshair, on the side with room; higher if it would cover the legend or leave the screen. */
function place(element: HTMLElement, left: number): void {
  const plot = element.parentElement?.getBoundingClientRect();
  if (plot === undefined) return;
  const { offsetWidth: width, offsetHeight: height } = element;
  const x = left + 12 + width > plot.width ? left - 12 - width : left + 12;
  const lowest = Math.min(plot.height, window.innerHeight - MARGIN - plot.top) - height;
  const y = Math.max(Math.min(0, lowest), MARGIN - plot.top);
  element.style.transform = `translate(${Math.round(Math.max(0, x))}px, ${Math.round(y)}px)`;
}
