import type { PanelData } from '../api/answers.ts';
import type { Polled } from '../api/poller.ts';
import { formatTime } from '../format.ts';
import { Badge } from '../ui/badge.tsx';
import { isUtc } from '../view.ts';

/** How a panel is to look: as its status, or `pending` while all it has answers what was asked before. */
export function lookOf({ status, isPending }: Polled<PanelData>): Polled<PanelData>['status'] | 'pending' {
  return isPending && status !== 'loading' ? 'pending' : status;
}

/** Whether there is something to draw, be it old. */
export function isDrawn({ status, data }: Polled<PanelData>): boolean {
  return data !== undefined && status !== 'empty';
}

/** Says why the values beside it are not those of now. */
export function PanelNotice({ polled }: { readonly polled: Polled<PanelData> }) {
  const { error, updatedAt } = polled;
  switch (lookOf(polled)) {
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
