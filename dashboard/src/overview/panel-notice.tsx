import './panel-notice.css';
import type { PanelData } from '../../../src/shared/http-contract/panels.ts';
import type { LiveData } from '../api/poller.ts';
import { formatTime } from '../format/time.ts';
import { Badge } from '../ui/status/badge.tsx';
import { isUtc } from '../view/view.ts';

/** The panel's status, or `pending` while its data are those of the request before. */
export function freshnessOf({
  status,
  isPending,
}: LiveData<PanelData>): LiveData<PanelData>['status'] | 'pending' {
  return isPending && status !== 'loading' ? 'pending' : status;
}

/** Whether there are data to draw, old ones included. */
export function isDrawn({ status, data }: LiveData<PanelData>): boolean {
  return data !== undefined && status !== 'empty';
}

/** Says why the values beside it are not current. */
export function PanelNotice({ live }: { readonly live: LiveData<PanelData> }) {
  const { error, updatedAt } = live;
  switch (freshnessOf(live)) {
    case 'pending':
      return <span class="panel-notice panel-waiting">Loading…</span>;
    case 'stale':
      return (
        <span class="panel-notice" title={error?.reason}>
          <Badge tone="warning">
            Stale since {formatTime(updatedAt ?? 0, { isUtc: isUtc.value, show: 'time' })}
          </Badge>
          <span class="panel-reason">{error?.reason}</span>
        </span>
      );
    default:
      return null;
  }
}
