import './panel-body.css';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { PanelData } from '../../../src/shared/http-contract/panels.ts';
import { PANEL_THRESHOLDS } from '../../../src/shared/http-contract/thresholds.ts';
import { lacks } from '../api/access.ts';
import type { LiveData } from '../api/poller.ts';
import { Chart, type ChartPoint } from '../charts/chart.tsx';
import type { ChartSeries } from '../charts/series/series-style.ts';
import { SeriesTable } from '../charts/series/series-table.tsx';
import { lazyDialog } from '../lazy/lazy-dialog.tsx';
import { Button } from '../ui/buttons/button.tsx';
import { EmptyState } from '../ui/status/empty-state.tsx';
import { Skeleton } from '../ui/status/skeleton.tsx';
import { changeView, resetZoom, view } from '../view/view.ts';
import { marks } from './marks/use-marks.ts';
import { comparedWith, exemplarsOf } from './panel-extras.ts';
import { isDrawn } from './panel-notice.tsx';
import { eventTypeOf, windowOfPoint } from './panel-point.ts';

const PointTasks = lazyDialog(() => import('./point-tasks.tsx').then(({ PointTasks }) => PointTasks));

export interface PanelBodyProps {
  readonly title: string;
  readonly live: LiveData<PanelData>;
  readonly series: readonly ChartSeries[];
  readonly isTable: boolean;
  /** Of the plot, in pixels. */
  readonly height: number;
  readonly syncKey?: string;
  readonly onRetry: () => void;
  /** Whether the keyboard moves the crosshair. */
  readonly isKeyed?: boolean;
  /** If given, the legend has two lines at most, and a button for the rest that calls this. */
  readonly onMore?: () => void;
}

/** A panel's chart or table, or in its place the reason why there is none. */
export function PanelBody(props: PanelBodyProps) {
  const { title, live, series, isTable, height, syncKey, isKeyed = false, onRetry, onMore } = props;
  const exemplars = useMemo(() => exemplarsOf(live.data), [live.data]);
  const [point, setPoint] = useState<ChartPoint | null>(null);
  const shown = JSON.stringify([view.value.window, view.value.range, isTable]);
  useEffect(() => setPoint(null), [shown]); // the point of another window
  const { status, data, error, isPending } = live;
  if (status === 'loading' || (isPending && !isDrawn(live))) {
    return <Skeleton class="panel-skeleton" height={height} text="Loading" />;
  }
  if (data === undefined) {
    return (
      <EmptyState icon="warning" tone="failure" title="Could not load the panel">
        <p>{error?.reason}</p>
        <Button onClick={onRetry}>Try again</Button>
      </EmptyState>
    );
  }
  if (status === 'empty') return <EmptyState title="No data in this range">{data.description}</EmptyState>;
  const { unit, times } = data;
  const compared = comparedWith(data);
  if (isTable) return <SeriesTable {...{ title, unit, times, series }} comparedWith={compared} />;
  return (
    <div class="panel-chart">
      <Chart
        title={title}
        unit={unit}
        times={times}
        series={series}
        folded={foldedText(data.folded)}
        height={height}
        marks={marks.value}
        thresholds={PANEL_THRESHOLDS[data.name] ?? []}
        exemplars={exemplars}
        comparedWith={compared}
        {...(syncKey !== undefined && { syncKey })}
        {...(onMore !== undefined && { onMore })}
        isKeyed={isKeyed}
        {...(!lacks('tasks:read') && { onPoint: setPoint })}
        onZoom={(window) => changeView({ window })}
        onReset={resetZoom}
      />
      {point !== null && (
        <PointTasks
          panel={data.name}
          window={windowOfPoint(point.time, data)}
          eventType={eventTypeOf(data, point.legend)}
          onClose={() => setPoint(null)}
        />
      )}
    </div>
  );
}

/** What the chart leaves out: `321 idle`, `7 smaller, 321 idle`. The sum of smaller ones may be a line of its own. */
function foldedText({ series, idle }: PanelData['folded']): string {
  const smaller = series - idle;
  return [smaller > 0 && `${smaller} smaller`, idle > 0 && `${idle} idle`].filter(Boolean).join(', ');
}
