import { useState } from 'preact/hooks';
import { Chart } from '../charts/chart.tsx';
import { Swatch } from '../charts/legend.tsx';
import type { ChartSeries } from '../charts/series-style.ts';
import { SeriesTable } from '../charts/series-table.tsx';
import { summaryOf } from '../charts/summary.ts';
import { formatValue, type Unit } from '../format.ts';
import { setSearch } from '../router.ts';
import { Badge } from '../ui/badge.tsx';
import { Button, LinkButton } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { changeView, hrefTo, resetZoom } from '../view.ts';
import { titleFromName } from './panel-layout.ts';
import { usePanel, useStyledSeries } from './use-panel.ts';

const POINTS = 500;

/** A panel enlarged, with what its series came to, and the queries behind it. */
export function PanelDialog({ name }: { readonly name: string }) {
  const { polled } = usePanel(name, POINTS);
  const [isTable, setTable] = useState(false);
  const { data, status, error } = polled;
  const series = useStyledSeries(data);
  const title = data?.title ?? titleFromName(name);
  const queries = data?.queries.map(({ promql }) => promql) ?? [];
  return (
    <Dialog
      title={title}
      size="large"
      onClose={() => setSearch({ panel: null })}
      actions={
        <>
          {status === 'stale' && <Badge tone="warning">Stale: {error?.reason}</Badge>}
          {data !== undefined && (
            <>
              <Button
                kind="quiet"
                icon={isTable ? 'chart' : 'table'}
                label={isTable ? 'Show the chart' : 'Show as table'}
                onClick={() => setTable(!isTable)}
              />
              <LinkButton icon="explore" label="Open in explore" href={hrefTo('/explore', { q: queries })} />
            </>
          )}
        </>
      }
    >
      <p class="panel-description">{data?.description}</p>
      <div class="panel-dialog-body">
        {status === 'loading' && <div class="skeleton panel-skeleton" />}
        {status === 'error' && (
          <EmptyState icon="warning" tone="failure" title="Could not be loaded">
            {error?.reason}
          </EmptyState>
        )}
        {status === 'empty' && <EmptyState title="No data in this range" />}
        {data !== undefined && status !== 'empty' && isTable && (
          <SeriesTable title={title} unit={data.unit} times={data.times} series={series} />
        )}
        {data !== undefined && status !== 'empty' && !isTable && (
          <Chart
            title={title}
            unit={data.unit}
            times={data.times}
            series={series}
            height={360}
            onZoom={(window) => changeView({ window })}
            onReset={resetZoom}
          />
        )}
      </div>
      {data !== undefined && <SummaryTable series={series} unit={data.unit} />}
      {data !== undefined && (
        <details class="panel-queries">
          <summary>PromQL</summary>
          {queries.map((promql) => (
            <pre key={promql}>
              <code>{promql}</code>
            </pre>
          ))}
        </details>
      )}
    </Dialog>
  );
}

interface SummaryTableProps {
  readonly series: readonly ChartSeries[];
  readonly unit: Unit;
}

function SummaryTable({ series, unit }: SummaryTableProps) {
  return (
    <table class="summary-table">
      <thead>
        <tr>
          <th scope="col">Series</th>
          {['Min', 'Mean', 'Max', 'Last'].map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {series.map((each) => {
          const { min, mean, max, last } = summaryOf(each.values);
          return (
            <tr key={each.legend}>
              <th scope="row">
                <Swatch series={each} />
                {each.legend}
              </th>
              <td>{formatValue(min, unit)}</td>
              <td>{formatValue(mean, unit)}</td>
              <td>{formatValue(max, unit)}</td>
              <td>{formatValue(last, unit)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
