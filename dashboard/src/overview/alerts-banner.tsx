import './alerts-banner.css';
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { getData } from '../api/client.ts';
import { useLiveData } from '../api/use-live-data.ts';
import { formatTime } from '../format/time.ts';
import { StatusDot } from '../ui/status/badge.tsx';
import { isUtc } from '../view/view.ts';
import { type Alert, alertsToShow, linkOf, type ShownAlert } from './alerts.ts';

const load = (signal: AbortSignal) =>
  getData<{ readonly alerts: readonly Alert[] }>('/api/metrics/prom/api/v1/alerts', { signal });

/** What the banner shows: the sentence below it counts them. */
export const shownAlerts = signal<readonly ShownAlert[]>([]);

/** Alerts that fire or are pending, above all else. Nothing while there are none. */
export function AlertsBanner() {
  const { live } = useLiveData({ key: '', load, every: 2 });
  const isUnknown = live.error !== undefined && live.error.status !== 403;
  const shown = alertsToShow(live.data?.alerts ?? []);
  useEffect(() => {
    shownAlerts.value = shown;
  }, [live]);
  if (shown.length === 0 && !isUnknown) return null;
  return (
    <section class="alerts" aria-label="Alerts">
      {isUnknown && (
        <p class="alerts-unknown">
          {live.data === undefined ? 'The alerts are unknown' : 'The alerts may be old'}: {live.error?.reason}
        </p>
      )}
      <ul class="alert-list">
        {shown.map((alert) => (
          <AlertEntry key={alert.key} alert={alert} />
        ))}
      </ul>
    </section>
  );
}

function AlertEntry({ alert }: { readonly alert: ShownAlert }) {
  const { name, tone, state, summary, description, sinceMs } = alert;
  const runbook = linkOf(alert.runbookUrl);
  const dashboard = linkOf(alert.dashboardUrl);
  return (
    <li class={`alert-entry tone-${tone}`} title={description}>
      <StatusDot tone={tone} />
      <strong class="alert-name">{name}</strong>
      <span class="alert-summary">{summary}</span>
      <span class="alert-since">
        {state}
        {sinceMs !== undefined &&
          ` since ${formatTime(sinceMs / 1000, { isUtc: isUtc.value, show: 'time' })}`}
      </span>
      <span class="alert-links">
        {dashboard !== undefined && <a href={dashboard}>Chart</a>}
        {runbook !== undefined && (
          <a href={runbook} target="_blank" rel="noreferrer">
            Runbook
          </a>
        )}
      </span>
    </li>
  );
}
