import './freshness.css';
import { useEffect } from 'preact/hooks';
import type { LiveData } from '../../api/poller.ts';
import { formatTime } from '../../format/time.ts';
import { announce } from '../../ui/status/announce.tsx';
import { Badge } from '../../ui/status/badge.tsx';
import { isUtc } from '../../view/view.ts';

export interface FreshnessProps {
  readonly queue: LiveData<unknown>;
  readonly listing: LiveData<unknown>;
}

/** When the page last knew everything, or what it does not know. It keeps its place without a problem: nothing moves. */
export function Freshness({ queue, listing }: FreshnessProps) {
  const stale = [listing, queue].filter(({ status }) => status === 'stale');
  const failed = [listing, queue].find(({ status }) => status === 'error');
  const reason = (stale[0] ?? failed)?.error?.reason;
  useEffect(() => {
    if (reason !== undefined) announce(reason);
  }, [reason]);
  const known = (stale.length > 0 ? stale : [queue, listing]).flatMap(({ updatedAt }) => updatedAt ?? []);
  const at = known.length === 0 ? '' : timeOf(Math.min(...known));
  if (reason === undefined) return <p class="tasks-state">{at !== '' && `Updated ${at}`}</p>;
  return (
    <p class="tasks-state" title={reason}>
      <Badge tone="warning">{stale.length > 0 ? `Stale since ${at}` : 'Unknown'}</Badge>
      <span class="tasks-state-reason">{reason}</span>
    </p>
  );
}

function timeOf(seconds: number): string {
  return `${formatTime(seconds, { isUtc: isUtc.value, show: 'time' })}${isUtc.value ? ' UTC' : ''}`;
}
