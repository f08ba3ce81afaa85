import './panel-dialog.css';
import { useMemo, useState } from 'preact/hooks';
import { lacks } from '../api/access.ts';
import { Swatch } from '../charts/legend/swatch.tsx';
import { comparisonOf } from '../charts/series/comparison.ts';
import type { ChartSeries } from '../charts/series/series-style.ts';
import { summaryOf } from '../charts/series/summary.ts';
import { formatTick, type Unit, unitSaidOnce } from '../format/quantity.ts';
import { Button, LinkButton } from '../ui/buttons/button.tsx';
import { Dialog } from '../ui/dialogs/dialog.tsx';
import { windowOf } from '../view/time-window.ts';
import { hrefTo, view } from '../view/view.ts';
import { PanelBody } from './panel-body.tsx';
import { comparedWith, exemplarsOf } from './panel-extras.ts';
import { freshnessOf, PanelNotice } from './panel-notice.tsx';
import { titleOf } from './panel-sections.ts';
import { PanelTraces } from './panel-traces.tsx';
import { TaskLinks } from './task-links.tsx';
import { useEnlargedPanel, useStyledSeries } from './use-panel.ts';

const POINTS = 500;
const PLOT_HEIGHT = 360;

export interface PanelDialogProps {
  readonly name: string;
  readonly onClose: () => void;
}

/** A panel enlarged, with a summary of its series, its slowest traces and its queries. */
export function PanelDialog({ name, onClose }: PanelDialogProps) {
  const { live, refresh } = useEnlargedPanel(name, POINTS);
  const [isTable, setTable] = useState(false);
  const { data } = live;
  const freshness = freshnessOf(live);
  const series = useStyledSeries(data);
  const title = titleOf(name);
  const exemplars = useMemo(() => exemplarsOf(data), [data]);
  const queries = data?.queries.map(({ promql }) => promql) ?? [];
  return (
    <Dialog
      title={title}
      size="large"
      onClose={onClose}
      actions={
        <>
          <PanelNotice live={live} />
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
      <p class="panel-description">{data?.description ?? '\u00a0'}</p>
      <div
        class="panel-dialog-body"
        data-freshness={freshness}
        aria-busy={freshness === 'loading' || freshness === 'pending'}
      >
        <PanelBody
          title={title}
          live={live}
          series={series}
          isTable={isTable}
          height={PLOT_HEIGHT}
          isKeyed
          onRetry={refresh}
        />
      </div>
      {!lacks('tasks:read') && (
        <p class="panel-range-tasks">
          Tasks in this range:
          <TaskLinks panel={name} window={windowOf(view.value, Date.now() / 1000)} />
        </p>
      )}
      {data !== undefined && (
        <>
          <SummaryTable series={series} unit={data.unit} comparedWith={comparedWith(data)} />
          <PanelTraces exemplars={exemplars} unit={data.unit} />
        </>
      )}
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
  readonly comparedWith: string | undefined;
}

function SummaryTable({ series, unit, comparedWith }: SummaryTableProps) {
  const said = unitSaidOnce(unit);
  return (
    <table class="summary-table">
      <thead>
        <tr>
          <th scope="col">
            Series
            {said !== '' && <span class="summary-unit">, {said}</span>}
          </th>
          {[
            'Min',
            'Mean',
            ...(comparedWith === undefined ? [] : [`Mean ${comparedWith}`, 'Difference']),
            'Max',
            'Last',
          ].map((name) => (
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
              <td>{formatTick(min, unit)}</td>
              <td>{formatTick(mean, unit)}</td>
              {comparedWith !== undefined && <Compared mean={mean} earlier={each.earlier} unit={unit} />}
              <td>{formatTick(max, unit)}</td>
              <td>{formatTick(last, unit)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

interface ComparedProps {
  readonly mean: number | null;
  readonly earlier: ChartSeries['earlier'];
  readonly unit: Unit;
}

function Compared({ mean, earlier = [], unit }: ComparedProps) {
  const { earlier: was, difference } = comparisonOf(mean, summaryOf(earlier).mean, unit, formatTick);
  return (
    <>
      <td>{was}</td>
      <td>{difference}</td>
    </>
  );
}
