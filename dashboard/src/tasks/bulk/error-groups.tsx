import './error-groups.css';
import { useState } from 'preact/hooks';
import type { ErrorGroup, ErrorGroups as Groups } from '../../../../src/shared/http-contract/errors.ts';
import { lacks } from '../../api/access.ts';
import { getJson } from '../../api/client.ts';
import { type Pace, useLiveData } from '../../api/use-live-data.ts';
import { plain } from '../../format/quantity.ts';
import { formatIsoTime } from '../../format/time.ts';
import { visibleText } from '../../format/visible-text.ts';
import { Button } from '../../ui/buttons/button.tsx';
import { hrefTo, isUtc } from '../../view/view.ts';
import { rememberGroups } from '../../why/group-memory.ts';
import { BulkDialog } from './bulk-bar.tsx';

export interface ErrorGroupsProps extends Pace {
  readonly type: string | undefined;
  /** One queue; undefined: all. */
  readonly queue: string | undefined;
}

/** Why tasks are dead: their errors by event type and message, each with a link to its tasks and a retry of all. */
export function ErrorGroups({ type, queue, refreshSeconds, isResting }: ErrorGroupsProps) {
  const [retried, setRetried] = useState<ErrorGroup | null>(null);
  const ofQueue = queue === undefined ? {} : { queue };
  const query = `?${new URLSearchParams({ ...(type !== undefined && { event_type: type }), ...ofQueue })}`;
  const { live } = useLiveData<Groups>({
    key: query,
    load: async (signal) => {
      const groups = await getJson<Groups>(`/api/errors${query}`, { signal });
      rememberGroups(groups, { ofAll: false }); // the timeline still knows them after a retry
      return groups;
    },
    refreshSeconds,
    isResting,
    every: 3,
    // A dead task that is queued again or removed leaves its group.
    concerns: ({ event_type, status }) =>
      (type === undefined || type === event_type) && /dead|queued|removed/.test(status),
  });
  return (
    <>
      {live.data !== undefined && live.data.groups.length > 0 && (
        <GroupList groups={live.data} ofQueue={ofQueue} onRetry={setRetried} />
      )}
      {retried !== null && (
        // It stays when its group is gone, and says how the retry went.
        <BulkDialog
          action="retry"
          filter={{ status: 'dead', event_type: retried.event_type, error: retried.error, ...ofQueue }}
          which={`all tasks of ${visibleText(retried.event_type)} with this error`}
          onClose={() => setRetried(null)}
        />
      )}
    </>
  );
}

interface GroupListProps {
  readonly groups: Groups;
  readonly ofQueue: { readonly queue?: string };
  readonly onRetry: (group: ErrorGroup) => void;
}

function GroupList({ groups: { groups, is_complete, looked_at, total }, ofQueue, onRetry }: GroupListProps) {
  return (
    <section class="error-groups" aria-label="Errors">
      <h2>
        Errors{' '}
        {!is_complete && (
          <small>
            of the newest {plain(looked_at)} of {plain(total)} dead tasks
          </small>
        )}
      </h2>
      <ul>
        {groups.map((group) => (
          <li key={`${group.event_type}\n${group.error}`}>
            <span class="error-count">{plain(group.count)} ×</span>
            <span>
              <a
                href={hrefTo('/tasks', {
                  status: 'dead',
                  type: group.event_type,
                  group: group.error,
                  ...ofQueue,
                })}
              >
                <bdi>{visibleText(group.event_type)}</bdi>:{' '}
                <bdi>{visibleText(group.error) || 'no message'}</bdi>
              </a>{' '}
              <small>since {formatIsoTime(group.since, isUtc.value)}</small>
            </span>
            {!lacks('tasks:write') && <Button onClick={() => onRetry(group)}>Retry all</Button>}
          </li>
        ))}
      </ul>
    </section>
  );
}
