import './why-page.css';
import { useLiveData } from '../api/use-live-data.ts';
import { formatTime } from '../format/time.ts';
import { Button } from '../ui/buttons/button.tsx';
import { CopyButton } from '../ui/buttons/copy-button.tsx';
import { EmptyState } from '../ui/status/empty-state.tsx';
import { Freshness } from '../ui/status/freshness.tsx';
import { Skeleton } from '../ui/status/skeleton.tsx';
import { hrefAt, hrefTo, isUtc, view } from '../view/view.ts';
import { sortedLines, type TimelineLine } from './line.ts';
import { loadAnswers } from './load-answers.ts';
import { reportOf } from './report.ts';
import type { Grid } from './rules/intervals.ts';
import { type Timeline, timelineOf } from './timeline.ts';
import { TimelineEntry } from './timeline-entry.tsx';

const HOUR = 3_600;
/** As a scrape; over a long window fewer points tell the same. */
const STEP = 15;
const MOST_POINTS = 1_000;

/** What happened in the last hour, or in the window of the URL, and why: it writes itself from all that is known. */
export function WhyPage() {
  const { window } = view.value;
  const isPast = window !== null && window.end < Date.now() / 1000;
  const { live, refresh } = useLiveData({
    key: JSON.stringify(window),
    load,
    every: 2,
    ...(isPast && { refreshSeconds: 0 }),
  });
  const { data, status } = live;
  return (
    <div class="why">
      <header class="why-head">
        <h1>What happened</h1>
        <Freshness of={[live]} />
        {data !== undefined && (
          <CopyButton kind="plain" what="as incident report" text={() => report(data)} />
        )}
      </header>
      {status === 'loading' && <Skeleton class="why-skeleton" text="Loading" />}
      {data === undefined && status === 'error' && (
        <EmptyState icon="warning" tone="failure" title="Could not write the timeline">
          <Button onClick={refresh}>Try again</Button>
        </EmptyState>
      )}
      {data !== undefined && <TimelineView timeline={data} />}
    </div>
  );
}

async function load(signal: AbortSignal): Promise<Timeline> {
  const now = Math.floor(Date.now() / 1000);
  const { start, end } = view.value.window ?? { start: now - HOUR, end: now };
  const step = Math.max(STEP, Math.ceil((end - start) / MOST_POINTS));
  const grid: Grid = { start, end, step };
  return timelineOf(await loadAnswers(grid, signal), grid, now);
}

function TimelineView({ timeline }: { readonly timeline: Timeline }) {
  const { grid, isLive, lines, missing } = timeline;
  const { now, earlier } = sortedLines(lines);
  const [from, to] = [grid.start, grid.end].map((time) => formatTime(time, { isUtc: isUtc.value }));
  return (
    <>
      <p class="why-window">
        {from} – {to} ({zoneName()}) · <a href={hrefAt('/why', grid)}>Link to this window</a> ·{' '}
        <a href={hrefAt('/', grid)}>Its charts</a>
        {view.value.window !== null && (
          <>
            {' '}
            · <a href="/why">The last hour</a>
          </>
        )}
      </p>
      <Lines title={isLive ? 'Now' : 'At the end'} lines={now} grid={grid}>
        Nothing is wrong that the sources know of.
      </Lines>
      <Lines title="Before, newest first" lines={earlier} grid={grid}>
        Nothing happened that the sources know of.
      </Lines>
      {missing.length > 0 && (
        <section class="why-missing" aria-label="Not known">
          <h2>Not known</h2>
          <ul>
            {missing.map(({ source, reason }) => (
              <li key={source}>
                {source}: {reason}
              </li>
            ))}
          </ul>
        </section>
      )}
      <p class="why-note">
        Each line comes from a query or an answer of the API, with the limits of the alerts. Alerts come from
        ALERTS_URL, if it is set. <a href={hrefTo('/')}>Overview</a>
      </p>
    </>
  );
}

interface LinesProps {
  readonly title: string;
  readonly lines: readonly TimelineLine[];
  readonly grid: Grid;
  /** Said when there are none. */
  readonly children: string;
}

function Lines({ title, lines, grid, children }: LinesProps) {
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      {lines.length === 0 ? (
        <p class="why-none">{children}</p>
      ) : (
        <ol class="why-lines">
          {lines.map((line) => (
            <TimelineEntry key={`${line.time} ${line.text}`} line={line} grid={grid} />
          ))}
        </ol>
      )}
    </section>
  );
}

function zoneName(): string {
  return isUtc.value ? 'UTC' : Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function report(timeline: Timeline): string {
  const url = new URL(hrefAt('/why', timeline.grid), window.location.href).href;
  return reportOf({ timeline, isUtc: isUtc.value, zone: zoneName(), url });
}
