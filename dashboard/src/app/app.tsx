import './app.css';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { TokenNotice } from '../access/token-notice.tsx';
import { TokenPrompt } from '../access/token-prompt.tsx';
import { knowAccess } from '../api/client.ts';
import { knowDataAge } from '../api/data-age.ts';
import { useServices } from '../api/services.ts';
import { Toolbar } from '../controls/toolbar.tsx';
import { LazyPage } from '../lazy/lazy-page.tsx';
import { type Page, page } from '../navigation/router.ts';
import { Announcer, pageNotice } from '../ui/status/announce.tsx';
import { EmptyState } from '../ui/status/empty-state.tsx';
import { hrefTo } from '../view/view.ts';

const TITLES: Readonly<Record<Page, string>> = {
  overview: 'Overview',
  why: 'What happened',
  tasks: 'Tasks',
  schedules: 'Schedules',
  workers: 'Workers',
  explore: 'Explore',
  unknown: 'Not found',
};
/**
 * Each page is a chunk of its own: the charts are large, and the tasks page does not need them. A page appears when it is
 * known what it may show: nothing appears and vanishes again.
 */
const whenKnown = async (chunk: Promise<ComponentType>) => {
  await knowAccess().catch(() => undefined); // the page's own requests say why
  return chunk;
};
/** Charts begin with the range that they keep. */
const whenRangeIsKnown = async (chunk: Promise<ComponentType>) => {
  const page = await whenKnown(chunk);
  await knowDataAge();
  return page;
};
const loadOverview = () =>
  whenRangeIsKnown(import('../overview/overview-page.tsx').then(({ OverviewPage }) => OverviewPage));
const loadWhy = () => whenKnown(import('../why/why-page.tsx').then(({ WhyPage }) => WhyPage));
const loadTasks = () => whenKnown(import('../tasks/tasks-page.tsx').then(({ TasksPage }) => TasksPage));
const loadSchedules = () =>
  whenKnown(import('../schedules/schedules-page.tsx').then(({ SchedulesPage }) => SchedulesPage));
const loadWorkers = () =>
  whenKnown(import('../workers/workers-page.tsx').then(({ WorkersPage }) => WorkersPage));
const loadExplore = () =>
  whenRangeIsKnown(import('../explore/explore-page.tsx').then(({ ExplorePage }) => ExplorePage));

export function App() {
  const current = page.value;
  useServices();
  const notice = pageNotice.value;
  useEffect(() => {
    document.title = [notice, TITLES[current], 'asdlc'].filter((part) => part !== '').join(' · ');
  }, [current, notice]);
  return (
    <>
      <a class="skip-link" href="#main">
        Skip to content
      </a>
      <header class="top-bar">
        <a class="brand" href={hrefTo('/')} aria-label="asdlc">
          <img src="/favicon.svg" alt="" width="20" height="20" />
          <span class="brand-name">asdlc</span>
        </a>
        <nav class="top-nav" aria-label="Pages">
          <NavLink to="overview" href="/" />
          <NavLink to="tasks" href="/tasks" />
          <NavLink to="schedules" href="/schedules" />
          <NavLink to="workers" href="/workers" />
          <NavLink to="explore" href="/explore" />
        </nav>
        <Toolbar />
      </header>
      <TokenNotice />
      <main id="main" tabIndex={-1}>
        <Outlet page={current} />
      </main>
      <TokenPrompt />
      <Announcer />
    </>
  );
}

function NavLink({ to, href }: { readonly to: Page; readonly href: string }) {
  return (
    <a href={hrefTo(href)} aria-current={page.value === to ? 'page' : undefined}>
      {TITLES[to]}
    </a>
  );
}

function Outlet({ page: current }: { readonly page: Page }) {
  switch (current) {
    case 'overview':
      return <LazyPage key="overview" load={loadOverview} />;
    case 'why':
      return <LazyPage key="why" load={loadWhy} />;
    case 'tasks':
      return <LazyPage key="tasks" load={loadTasks} />;
    case 'schedules':
      return <LazyPage key="schedules" load={loadSchedules} />;
    case 'workers':
      return <LazyPage key="workers" load={loadWorkers} />;
    case 'explore':
      return <LazyPage key="explore" load={loadExplore} />;
    case 'unknown':
      return (
        <EmptyState icon="warning" title="This page does not exist">
          <a href={hrefTo('/')}>Go to the overview</a>
        </EmptyState>
      );
  }
}
