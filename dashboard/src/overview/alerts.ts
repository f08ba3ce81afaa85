import type { Tone } from '../ui/status/tone.ts';
import type { Indicator } from './system-state.ts';

/** An alert as Prometheus's API has it. Annotations are those of our rules, or of anybody's. */
export interface Alert {
  readonly state: string;
  readonly activeAt?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface ShownAlert {
  readonly key: string;
  readonly name: string;
  readonly tone: Tone;
  readonly state: 'firing' | 'pending';
  readonly summary: string;
  readonly description: string | undefined;
  readonly sinceMs: number | undefined;
  readonly runbookUrl: string | undefined;
  readonly dashboardUrl: string | undefined;
}

/** Firing alerts before pending ones, critical before others, then by name. */
export function alertsToShow(alerts: readonly Alert[]): ShownAlert[] {
  const shown = alerts.flatMap((alert) => (isShownState(alert.state) ? [toShown(alert, alert.state)] : []));
  return shown.sort((a, b) => rank(a) - rank(b) || (a.key < b.key ? -1 : 1));
}

function isShownState(state: string): state is ShownAlert['state'] {
  return state === 'firing' || state === 'pending';
}

function toShown({ labels, annotations = {}, activeAt }: Alert, state: ShownAlert['state']): ShownAlert {
  const since = Date.parse(activeAt ?? '');
  const name = labels.alertname ?? 'Alert without a name';
  return {
    key: JSON.stringify([name, labels]),
    name,
    tone: state === 'pending' ? 'neutral' : labels.severity === 'critical' ? 'failure' : 'warning',
    state,
    summary: annotations.summary ?? shownLabels(labels),
    description: annotations.description,
    sinceMs: Number.isNaN(since) ? undefined : since,
    runbookUrl: annotations.runbook_url,
    dashboardUrl: annotations.dashboard_url,
  };
}

function shownLabels(labels: Alert['labels']): string {
  const others = Object.entries(labels).filter(([name]) => name !== 'alertname');
  return others.map(([name, value]) => `${name}=${value}`).join(', ');
}

const TONES: readonly Tone[] = ['failure', 'warning'];

function rank({ state, tone }: ShownAlert): number {
  return state === 'pending' ? TONES.length : TONES.indexOf(tone);
}

/** While an alert fires, the system is not normal, whatever else is known. `shown` is in the order of `alertsToShow`. */
export function alertsState(shown: readonly ShownAlert[]): Indicator {
  const firing = shown.filter(({ state }) => state === 'firing');
  const [worst] = firing;
  if (worst === undefined) return { tone: 'success', value: 'None', detail: 'no alert fires' };
  const names = [...new Set(firing.map(({ name }) => name))];
  const topic = names.length === 1 ? `${names[0]} fires` : `${names.join(', ')} fire`;
  const problem = firing.length === 1 ? topic : `${firing.length} alerts fire`;
  return { tone: worst.tone, value: `${firing.length}`, detail: topic, problem, topic };
}

/** The address if a browser may follow it: rules may hold anything, as `javascript:`. */
export function linkOf(url: string | undefined): string | undefined {
  return url !== undefined && /^https?:\/\//i.test(url) && URL.canParse(url) ? url : undefined;
}
