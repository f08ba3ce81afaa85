import './overview-page.css';
import { MissingScope } from '../access/missing-scope.tsx';
import { lacks } from '../api/access.ts';
import { lazyDialog } from '../lazy/lazy-dialog.tsx';
import { search, setSearch } from '../navigation/router.ts';
import { AlertsBanner } from './alerts-banner.tsx';
import { MarksList } from './marks/marks-list.tsx';
import { PanelCard } from './panel-card.tsx';
import { SECTIONS } from './panel-sections.ts';
import { StatusStrip } from './status-strip.tsx';

const PanelDialog = lazyDialog(() => import('./panel-dialog.tsx').then(({ PanelDialog }) => PanelDialog));

/** The state of the system at a glance, and its panels. `?panel=` enlarges one of them. */
export function OverviewPage() {
  if (lacks('metrics:read')) {
    return (
      <>
        <StatusStrip />
        <MissingScope scope="metrics:read" />
      </>
    );
  }
  const enlarged = search.value.get('panel');
  return (
    <>
      <AlertsBanner />
      <StatusStrip />
      {SECTIONS.map(({ title, panels }) => (
        <section key={title} class="panel-section">
          <h2 class="section-title">{title}</h2>
          <div class="panel-grid">
            {panels.map(({ name }) => (
              <PanelCard key={name} name={name} />
            ))}
          </div>
        </section>
      ))}
      <MarksList />
      {enlarged !== null && (
        <PanelDialog key={enlarged} name={enlarged} onClose={() => setSearch({ panel: null })} />
      )}
    </>
  );
}
