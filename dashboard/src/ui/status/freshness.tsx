import './freshness.css';
import { useEffect } from 'preact/hooks';
import type { LiveData } from '../../api/poller.ts';
import { isFollowing } from '../../api/task-news.ts';
import { formatTime } from '../../format/time.ts';
import { isUtc } from '../../view/view.ts';
import { announce } from './announce.tsx';
import { Badge } from './badge.tsx';

export interface FreshnessProps {
  /** All that the page shows. */
  readonly of: readonly LiveData<unknown>[];
}

/** When the page last knew everything, or what it does not know. It keeps its place without a problem: nothing moves. */
export function Freshness({ of: shown }: FreshnessProps) {
  const stale = shown.filter(({ status }) => status === 'stale');
  const failed = shown.find(({ status }) => status === 'error');
  const reason = (stale[0] ?? failed)?.error?.reason;
  useEffect(() => {
    if (reason !== undefined) announce(reason);
  }, [reason]);
  const known = (stale.length > 0 ? stale : shown).flatMap(({ updatedAt }) => updatedAt ?? []);
  const at = known.length === 0 ? '' : timeOf(Math.min(...known));
  if (reason === undefined)
    return <p class="freshness">{at !== '' && `${isFollowing.value ? 'Live, updated' : 'Updated'} ${at}`}</p>;
  return (
    <p class="freshness" title={reason}>
      <Badge tone="warning">{stale.length > 0 ? `Stale since ${at}` : 'Unknown'}</Badge>
      <span class="freshness-reason">{reason}</span>
    </p>
  );
}

function timeOf(seconds: number): string {
  return `${formatTime(seconds, { isUtc: isUtc.value, show: 'time' })}${isUtc.value ? ' UTC' : ''}`;
}
