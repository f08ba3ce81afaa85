import './tooltip.css';
import { formatValue, type Unit } from '../../format/quantity.ts';
import { formatTime } from '../../format/time.ts';
import { isUtc } from '../../view/view.ts';
import { Swatch } from '../legend/swatch.tsx';
import { comparisonOf } from '../series/comparison.ts';
import { tooltipRows } from '../series/series-order.ts';
import type { ChartSeries } from '../series/series-style.ts';
import type { ChartExemplar } from './exemplars.ts';

/** Distance to the edge of the screen, in pixels. */
const MARGIN = 8;

export interface TooltipProps {
  readonly time: number | undefined;
  readonly series: readonly ChartSeries[];
  readonly index: number;
  /** What happened at this time. */
  readonly marks: readonly string[];
  /** The one under the pointer. */
  readonly exemplar: ChartExemplar | undefined;
  /** Whether its trace id has been copied. */
  readonly isCopied: boolean;
  readonly unit: Unit;
  /** Names the time of the series' earlier values. */
  readonly comparedWith: string | undefined;
  /** Pixels from the left edge of the chart. */
  readonly left: number;
  readonly hasLongLegends: boolean;
}

/** The values under the pointer, largest first. Screen readers skip it: the table has the same values. */
export function Tooltip(props: TooltipProps) {
  const { time, series, index, marks, exemplar, isCopied, unit, comparedWith, left, hasLongLegends } = props;
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
      {exemplar !== undefined && <TraceNote exemplar={exemplar} isCopied={isCopied} unit={unit} />}
      <dl class={comparedWith === undefined ? undefined : 'tooltip-compared'}>
        {comparedWith !== undefined && (
          <div class="tooltip-heads">
            <dt />
            <dd>now</dd>
            <dd>{comparedWith}</dd>
            <dd>difference</dd>
          </div>
        )}
        {rows.map(({ series: each, value }) => (
          <div key={each.legend}>
            <dt>
              <Swatch series={each} />
              {each.legend}
            </dt>
            <dd>{formatValue(value, unit)}</dd>
            {comparedWith !== undefined && (
              <Compared value={value} earlier={each.earlier?.[index]} unit={unit} />
            )}
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

interface ComparedProps {
  readonly value: number | null;
  readonly earlier: number | null | undefined;
  readonly unit: Unit;
}

function Compared({ value, earlier, unit }: ComparedProps) {
  const { earlier: was, difference } = comparisonOf(value, earlier, unit);
  return (
    <>
      <dd class="tooltip-earlier">{was}</dd>
      <dd>{difference}</dd>
    </>
  );
}

interface TraceNoteProps {
  readonly exemplar: ChartExemplar;
  readonly isCopied: boolean;
  readonly unit: Unit;
}

function TraceNote({ exemplar: { value, text, traceId, url }, isCopied, unit }: TraceNoteProps) {
  const action =
    url === undefined ? (isCopied ? 'Copied' : 'Click: copy the trace id') : 'Click: open the trace';
  return (
    <p class="tooltip-trace">
      <strong>{formatValue(value, unit)}</strong> {text}
      <span class="tooltip-trace-id">{traceId}</span>
      {action}
    </p>
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
