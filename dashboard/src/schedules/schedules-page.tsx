import './schedules-page.css';
import { useState } from 'preact/hooks';
import type { Schedule, ScheduleDetail, ScheduleList } from '../../../src/shared/http-contract/schedules.ts';
import { MissingScope } from '../access/missing-scope.tsx';
import { lacks } from '../api/access.ts';
import { getJson } from '../api/client.ts';
import { useLiveData } from '../api/use-live-data.ts';
import { plain } from '../format/quantity.ts';
import { scheduleId } from '../navigation/router.ts';
import { Button } from '../ui/buttons/button.tsx';
import { Field } from '../ui/forms/form.tsx';
import { EmptyState } from '../ui/status/empty-state.tsx';
import { Freshness } from '../ui/status/freshness.tsx';
import { Skeleton } from '../ui/status/skeleton.tsx';
import { hrefTo, view } from '../view/view.ts';
import { ScheduleCard } from './schedule-card.tsx';

/** Tasks begin and end faster than charts change. */
const SLOWEST_REFRESH_SECONDS = 5;
const SHOWN_AT_ONCE = 60;

/** All recurring tasks, or the one that the path names, with their next and last run. */
export function SchedulesPage() {
  const id = scheduleId.value;
  return (
    <div class="schedules">
      {lacks('tasks:read') ? (
        <>
          <h1>Schedules</h1>
          <MissingScope scope="tasks:read" />
        </>
      ) : (
        <VisibleSchedules key={id ?? ''} id={id} />
      )}
    </div>
  );
}

/** One is shown with its payload. */
async function load(id: string | null, signal: AbortSignal): Promise<readonly (Schedule | ScheduleDetail)[]> {
  if (id === null) return (await getJson<ScheduleList>('/api/schedules', { signal })).schedules;
  return [await getJson<ScheduleDetail>(`/api/schedules/${encodeURIComponent(id)}`, { signal })];
}

function VisibleSchedules({ id }: { readonly id: string | null }) {
  const [part, setPart] = useState('');
  const refreshSeconds = Math.min(view.value.refreshSeconds, SLOWEST_REFRESH_SECONDS);
  const { live, refresh } = useLiveData({
    key: id ?? '',
    load: (signal) => load(id, signal),
    refreshSeconds,
  });
  const { status, data, error } = live;
  return (
    <>
      <header class="schedules-head">
        <h1>{id === null ? 'Schedules' : 'Schedule'}</h1>
        <Freshness of={[live]} />
        {id !== null && <a href={hrefTo('/schedules')}>All schedules</a>}
        {id === null && data !== undefined && data.length > 1 && (
          <Field>
            Id or event type contains
            <input type="search" value={part} onInput={(event) => setPart(event.currentTarget.value)} />
          </Field>
        )}
      </header>
      {status === 'loading' && <Skeleton class="schedules-skeleton" />}
      {data === undefined && status === 'error' && (
        <EmptyState
          icon="warning"
          tone="failure"
          title={error?.status === 404 ? 'There is no such schedule' : 'Could not load the schedules'}
        >
          <p>{error?.reason}</p>
          <Button onClick={refresh}>Try again</Button>
        </EmptyState>
      )}
      {data !== undefined && <Schedules all={data} part={part} onChange={refresh} />}
    </>
  );
}

interface SchedulesProps {
  readonly all: readonly (Schedule | ScheduleDetail)[];
  /** What id or event type must contain. */
  readonly part: string;
  readonly onChange: () => void;
}

function Schedules({ all, part, onChange }: SchedulesProps) {
  const [most, setMost] = useState(SHOWN_AT_ONCE);
  const text = part.trim().toLowerCase();
  const found = all.filter(({ id, event_type }) => id.includes(text) || event_type.includes(text));
  if (all.length === 0) {
    return (
      <EmptyState title="There are no schedules">
        <p>
          A schedule makes a task again and again. Declare it beside the handlers, or send{' '}
          <code>PUT /api/schedules/ID</code>.
        </p>
      </EmptyState>
    );
  }
  if (found.length === 0) return <EmptyState title="No schedule matches" />;
  return (
    <>
      <ul class="schedules-list" aria-label="List of schedules">
        {found.slice(0, most).map((schedule) => (
          <ScheduleCard key={schedule.id} schedule={schedule} onChange={onChange} />
        ))}
      </ul>
      {found.length > most && (
        <p>
          {plain(most)} of {plain(found.length)} are shown.{' '}
          <Button onClick={() => setMost(most + SHOWN_AT_ONCE)}>Show more</Button>
        </p>
      )}
    </>
  );
}
