import './panel-card.css';
import { useId, useState } from 'preact/hooks';
import type { PanelData } from '../../../src/shared/http-contract/panels.ts';
import type { LiveData } from '../api/poller.ts';
import { setSearch } from '../navigation/router.ts';
import { Button, LinkButton } from '../ui/buttons/button.tsx';
import { Skeleton } from '../ui/status/skeleton.tsx';
import { hrefTo } from '../view/view.ts';
import { headlineOf } from './headline.ts';
import { PanelBody } from './panel-body.tsx';
import { freshnessOf, isDrawn, PanelNotice } from './panel-notice.tsx';
import { titleOf } from './panel-sections.ts';
import { useCardPanel, useStyledSeries } from './use-panel.ts';

const PLOT_HEIGHT = 168;
/** Enough for a card on any screen, and the same for all, so that all have the same times. */
const POINTS = 250;

/** One panel of the overview: its title, its value now, and its chart. Its size never changes. */
export function PanelCard({ name }: { readonly name: string }) {
  const { live, refresh } = useCardPanel(name, POINTS);
  const [isTable, setTable] = useState(false);
  const titleId = useId();
  const { data } = live;
  const series = useStyledSeries(data);
  const title = titleOf(name);
  const freshness = freshnessOf(live);
  const enlarge = () => setSearch({ panel: name });
  return (
    <article
      class="panel"
      data-freshness={freshness}
      aria-labelledby={titleId}
      aria-busy={freshness === 'loading' || freshness === 'pending'}
    >
      <header class="panel-head">
        <h3 id={titleId} class="panel-title">
          <button type="button" title={data?.description} onClick={enlarge}>
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
          <Button kind="quiet" icon="expand" label={`${title}: enlarge`} onClick={enlarge} />
        </div>
        <PanelValue live={live} />
      </header>
      <div class="panel-body">
        <PanelBody
          title={title}
          live={live}
          series={series}
          isTable={isTable}
          height={PLOT_HEIGHT}
          syncKey="overview"
          onRetry={refresh}
          onMore={enlarge}
        />
      </div>
    </article>
  );
}

function PanelValue({ live }: { readonly live: LiveData<PanelData> }) {
  const { data } = live;
  const freshness = freshnessOf(live);
  if (freshness === 'loading' || (freshness === 'pending' && !isDrawn(live))) {
    return (
      <div class="panel-value">
        <Skeleton class="skeleton-value" />
      </div>
    );
  }
  if (data === undefined || freshness === 'empty') return <p class="panel-value">–</p>;
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
      <PanelNotice live={live} />
    </p>
  );
}
