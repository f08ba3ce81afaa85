import { useId, useState } from 'preact/hooks';
import type { PanelData } from '../api/answers.ts';
import type { Polled } from '../api/poller.ts';
import { formatTime } from '../format.ts';
import { setSearch } from '../router.ts';
import { Badge } from '../ui/badge.tsx';
import { Button, LinkButton } from '../ui/button.tsx';
import { hrefTo, isUtc } from '../view.ts';
import { headlineOf } from './headline.ts';
import { PanelBody } from './panel-body.tsx';
import { titleFromName } from './panel-layout.ts';
import { usePanel, useStyledSeries } from './use-panel.ts';

const PLOT_HEIGHT = 168;
/** Enough for a card on any screen; the same for all, so that their times are the same. */
const POINTS = 250;

/** One panel of the overview: what it is, its value now, and how it went. Its size never changes. */
export function PanelCard({ name }: { readonly name: string }) {
  const { polled, refresh } = usePanel(name, POINTS);
  const [isTable, setTable] = useState(false);
  const titleId = useId();
  const { data } = polled;
  const series = useStyledSeries(data);
  const title = data?.title ?? titleFromName(name);
  return (
    <article
      class={`panel panel-${polled.status}`}
      aria-labelledby={titleId}
      aria-busy={polled.status === 'loading'}
    >
      <header class="panel-head">
        <h3 id={titleId} class="panel-title">
          <button type="button" title={data?.description} onClick={() => setSearch({ panel: name })}>
            {title}
          </button>
        </h3>
        <div class="panel-actions">
          {data !== undefined && (
            <>
              <Button
                kind="quiet"
                icon={isTable ? 'chart' : 'table'}
                label={isTable ? `${title}: show the chart` : `${title}: show as table`}
                onClick={() => setTable(!isTable)}
              />
              <LinkButton
                icon="explore"
                label={`${title}: open in explore`}
                href={hrefTo('/explore', { q: data.queries.map(({ promql }) => promql) })}
              />
            </>
          )}
          <Button
            kind="quiet"
            icon="expand"
            label={`${title}: enlarge`}
            onClick={() => setSearch({ panel: name })}
          />
        </div>
        <PanelValue polled={polled} />
      </header>
      <div class="panel-body">
        <PanelBody
          title={title}
          polled={polled}
          series={series}
          isTable={isTable}
          height={PLOT_HEIGHT}
          syncKey="overview"
          onRetry={refresh}
        />
      </div>
    </article>
  );
}

function PanelValue({ polled }: { readonly polled: Polled<PanelData> }) {
  const { status, data, error, updatedAt } = polled;
  if (status === 'loading') return <p class="panel-value skeleton skeleton-value" />;
  if (data === undefined || status === 'empty') return <p class="panel-value">–</p>;
  const { number, unit, label } = headlineOf(data);
  return (
    <p class="panel-value">
      <span class="panel-number">
        {number}
        {unit === '%' && '%'}
      </span>
      <span class="panel-unit">
        {unit === '%' ? '' : unit} {label}
      </span>
      {status === 'stale' && (
        <span class="panel-notice" title={error?.reason}>
          <Badge tone="warning">
            Stale since {formatTime(updatedAt ?? 0, { isUtc: isUtc.value, show: 'time' })}
          </Badge>
          <span class="panel-reason">{error?.reason}</span>
        </span>
      )}
    </p>
  );
}
