import './status-strip.css';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { HealthReport, TsdbHealth } from '../../../src/shared/http-contract/health.ts';
import type { PanelData } from '../../../src/shared/http-contract/panels.ts';
import type { QueueState } from '../../../src/shared/http-contract/queue.ts';
import type { Service } from '../../../src/shared/http-contract/services.ts';
import { getData, getJson } from '../api/client.ts';
import { services } from '../api/services.ts';
import { useLiveData } from '../api/use-live-data.ts';
import { formatTime } from '../format/time.ts';
import { useLazyComponent } from '../lazy/use-lazy-component.ts';
import { announce, pageNotice } from '../ui/status/announce.tsx';
import { StatusDot } from '../ui/status/badge.tsx';
import { Tiles } from '../ui/status/tile.tsx';
import { hrefTo, isUtc } from '../view/view.ts';
import { alertsState } from './alerts.ts';
import { shownAlerts } from './alerts-banner.tsx';
import {
  backlogState,
  failureState,
  type Indicator,
  isFailingState,
  redisState,
  serviceState,
  servicesState,
  systemState,
  tsdbState,
} from './system-state.ts';

/** Health returns its report with 503 when something is down. */
const REPORT_STATUSES = [503];
const loadReadiness = (signal: AbortSignal) =>
  getJson<HealthReport>('/health/ready', { signal, accept: REPORT_STATUSES });
const loadTsdb = (signal: AbortSignal) =>
  getJson<TsdbHealth>('/api/metrics/health', { signal, accept: REPORT_STATUSES });
const loadQueue = (signal: AbortSignal) => getJson<QueueState>('/api/queue', { signal });
/** In the order in which failureState takes them. */
const FAILURE_PANELS = 'events_rate,event_failures,tasks_given_up';
const loadFailures = (signal: AbortSignal) =>
  getData<readonly [PanelData, PanelData, PanelData]>(
    `/api/metrics/panels?names=${FAILURE_PANELS}&range=15m&width=60&top=10`,
    { signal },
  );

const loadFirstStep = () => import('./first-step.tsx').then(({ FirstStep }) => FirstStep);

/** The state at a glance: one sentence, and a tile for each indicator. */
export function StatusStrip() {
  const readiness = useLiveData({ key: '', load: loadReadiness, every: 2 }).live;
  const tsdb = useLiveData({ key: '', load: loadTsdb, every: 4 }).live;
  const queue = useLiveData({ key: '', load: loadQueue }).live;
  const failures = useLiveData({ key: '', load: loadFailures, every: 2 }).live;
  const known = services.value.data ?? [];
  const isFailing = useRef(false);
  const indicators = {
    redis: redisState(readiness),
    tsdb: tsdbState(tsdb),
    backlog: backlogState(queue),
    failures: failureState(
      failures,
      isFailing.current,
      queue.status === 'ok' ? queue.data?.workers : undefined,
    ),
  };
  isFailing.current = isFailingState(indicators.failures);
  const { tone, sentence, topic } = systemState([
    ...servicesState(services.value),
    ...Object.values(indicators),
    alertsState(shownAlerts.value),
  ]);
  // Screen readers say a new kind of trouble, not each change of a number in the sentence.
  useEffect(() => {
    if (tone !== 'neutral') announce(sentence);
    pageNotice.value = tone === 'failure' || tone === 'warning' ? `⚠ ${topic}` : '';
    return () => {
      pageNotice.value = '';
    };
  }, [tone, topic]);
  const updatedAt = readiness.updatedAt;
  return (
    <section class="status" aria-label="State of the system">
      <div class={`status-line tone-${tone}`}>
        <StatusDot tone={tone} />
        <h1>{sentence}</h1>
        <a href={hrefTo('/why')}>{tone === 'failure' || tone === 'warning' ? 'Why?' : 'What happened'}</a>
        <p class="status-updated">
          {updatedAt !== undefined && (
            <>
              Updated {formatTime(updatedAt, { isUtc: isUtc.value, show: 'time' })}
              {isUtc.value && ' UTC'}
            </>
          )}
        </p>
      </div>
      <Tiles class="status-tiles">
        <ServicesTile known={known} />
        <Tile title="Redis" indicator={indicators.redis} />
        <Tile title="TSDB" indicator={indicators.tsdb} />
        <Tile title="Backlog" indicator={indicators.backlog} />
        <Tile title="Failing attempts" indicator={indicators.failures} />
      </Tiles>
      {isUnused(queue.data, indicators.failures) && <FirstStepPlace />}
    </section>
  );
}

/** Whether no task is there, and none ran lately. */
function isUnused(queue: QueueState | undefined, { isIdle }: Indicator): boolean {
  return isIdle === true && queue !== undefined && Object.values(queue.tasks).every((count) => count === 0);
}

function FirstStepPlace() {
  const { Component } = useLazyComponent(loadFirstStep);
  return Component === undefined ? null : <Component />;
}

function ServicesTile({ known }: { readonly known: readonly Service[] }) {
  const { status, error } = services.value;
  return (
    <div class="tile tile-services">
      <h2 class="tile-title">Services{status === 'stale' && ` (stale): ${error?.reason}`}</h2>
      <ul class="service-list">
        {known.map((service) => (
          <ServiceEntry key={service.name} service={service} isStale={status === 'stale'} />
        ))}
        {known.length === 0 && <li class="tile-detail">{noServices(status, error?.reason)}</li>}
      </ul>
    </div>
  );
}

function noServices(status: string, reason: string | undefined): string {
  if (status === 'loading') return 'Loading';
  return status === 'empty' ? 'None in the last hour' : `Unknown: ${reason}`;
}

function ServiceEntry({ service, isStale }: { readonly service: Service; readonly isStale: boolean }) {
  const { tone, value, detail } = serviceState(service);
  const instances = service.instances
    .map(({ instance, version, up }) => `${instance} ${version} ${up ? 'up' : 'down'}`)
    .join('\n');
  return (
    <li class="service-entry" title={instances}>
      <StatusDot tone={isStale ? 'neutral' : tone} />
      <span class="service-name">{service.name}</span>
      <span class="service-value">{isStale ? `was ${value}` : value}</span>
      <span class="tile-detail">v{detail}</span>
    </li>
  );
}

interface TileProps {
  readonly title: ComponentChildren;
  readonly indicator: Indicator;
}

function Tile({ title, indicator }: TileProps) {
  return (
    <div class={`tile tone-${indicator.tone}`}>
      <h2 class="tile-title">{title}</h2>
      <p class="tile-value">
        <StatusDot tone={indicator.tone} />
        {indicator.value}
      </p>
      <p class="tile-detail status-detail" title={indicator.detail}>
        {indicator.detail}
      </p>
    </div>
  );
}
