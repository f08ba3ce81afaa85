import './panel-body.css';
import { useMemo } from 'preact/hooks';
import type { PanelData } from '../../../src/shared/http-contract/panels.ts';
import { PANEL_THRESHOLDS } from '../../../src/shared/http-contract/thresholds.ts';
import type { LiveData } from '../api/poller.ts';
import { Chart } from '../charts/chart.tsx';
import type { ChartSeries } from '../charts/series/series-style.ts';
import { SeriesTable } from '../charts/series/series-table.tsx';
import { Button } from '../ui/buttons/button.tsx';
import { EmptyState } from '../ui/status/empty-state.tsx';
import { Skeleton } from '../ui/status/skeleton.tsx';
import { changeView, resetZoom } from '../view/view.ts';
import { marks } from './marks/use-marks.ts';
import { comparedWith, exemplarsOf } from './panel-extras.ts';
import { isDrawn } from './panel-notice.tsx';

export interface PanelBodyProps {
  readonly title: string;
  readonly live: LiveData<PanelData>;
  readonly series: readonly ChartSeries[];
  readonly isTable: boolean;
  /** Of the plot, in pixels. */
  readonly height: number;
  readonly syncKey?: string;
  readonly onRetry: () => void;
  /** If given, the legend has two lines at most, and a button for the rest that calls this. */
  readonly onMore?: () => void;
}

/** A panel's chart or table, or in its place the reason why there is none. */
export function PanelBody(props: PanelBodyProps) {
  const { title, live, series, isTable, height, syncKey, onRetry, onMore } = props;
  const exemplars = useMemo(() => exemplarsOf(live.data), [live.data]);
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
      onZoom={(window) => changeView({ window })}
      onReset={resetZoom}
    />
  );
}

/** What the chart leaves out: `321 idle`, `7 smaller, 321 idle`. The sum of smaller ones may be a line of its own. */
function foldedText({ series, idle }: PanelData['folded']): string {
  const smaller = series - idle;
  return [smaller > 0 && `${smaller} smaller`, idle > 0 && `${idle} idle`].filter(Boolean).join(', ');
}
