import type { HealthReport, TsdbHealth } from '../../../src/shared/http-contract/health.ts';
import type { PanelData } from '../../../src/shared/http-contract/panels.ts';
import type { QueueState } from '../../../src/shared/http-contract/queue.ts';
import type { Service } from '../../../src/shared/http-contract/services.ts';
import { THRESHOLDS } from '../../../src/shared/http-contract/thresholds.ts';
import type { LiveData } from '../api/poller.ts';
import { currentValue } from '../charts/series/summary.ts';
import { formatValue, plain } from '../format/quantity.ts';
import { formatDuration } from '../format/time.ts';
import type { Tone } from '../ui/status/tone.ts';

/** What is right and wrong in the system, in words. The thresholds are those of the alerts. */

/** The state of one thing that the overview watches: a service, Redis, the TSDB, the backlog, failures. */
export interface Indicator {
  readonly tone: Tone;
  /** One or a few words, shown large. */
  readonly value: string;
  /** More on the value, shown small. */
  readonly detail: string;
  /** What is wrong, for the sentence above all indicators. */
  readonly problem?: string;
  /** The problem without its numbers, if it has any: the same trouble has the same topic. */
  readonly topic?: string;
  /** Whether other indicators are unknown because of it: the sentence then names this one only. */
  readonly isCause?: boolean;
  /** Whether nothing runs: that is not wrong, and not proof that all is well. */
  readonly isIdle?: boolean;
}

export interface SystemState {
  readonly tone: Tone;
  readonly sentence: string;
  /** The sentence without numbers: it changes with the kind of trouble only. */
  readonly topic: string;
}

/** Failures are a problem above the first, and no longer below the second: with one limit the state would flap. */
const FAILED_SHARE_LIMIT = THRESHOLDS.failedAttempts;
const FAILED_SHARE_OVER = 0.8 * FAILED_SHARE_LIMIT;

const LOADING = '…';
const NO_BREAK = '\u00a0';
/** What the token may not see is neither fine nor wrong. */
const HIDDEN = 'Hidden';

type Known<T> = Pick<LiveData<T>, 'status' | 'data' | 'error'>;

/** The indicator for data that could not be loaded: never fine, and never zero. */
function unknown<T>({ status, error }: Known<T>, problem: string): Indicator {
  if (status === 'loading') return { tone: 'neutral', value: LOADING, detail: 'Loading' };
  if (error?.status === 401) {
    const detail = 'needs the API token';
    return { tone: 'warning', value: 'Unknown', detail, problem: 'the API needs a token', isCause: true };
  }
  if (error?.status === 403) return { tone: 'neutral', value: HIDDEN, detail: error.reason };
  return { tone: 'warning', value: 'Unknown', detail: error?.reason ?? 'No response', problem };
}

function isKnown<T>(live: Known<T>): live is Known<T> & { readonly data: T } {
  return live.data !== undefined && live.status !== 'stale';
}

/** An indicator for each service; a single one if the services are not known. */
export function servicesState(live: Known<readonly Service[]>): Indicator[] {
  if (live.status === 'error') return [unknown(live, 'the services are unknown')];
  return live.status === 'stale' ? [] : (live.data ?? []).map(serviceState);
}

export function serviceState({ name, up, instances }: Service): Indicator {
  const running = instances.filter((instance) => instance.up).length;
  const versions = [...new Set(instances.map(({ version }) => version))].join(', ');
  const value = `${running}/${instances.length} up`;
  if (!up) return { tone: 'failure', value: 'Down', detail: versions, problem: `service ${name} is down` };
  if (running === instances.length) return { tone: 'success', value, detail: versions };
  const down = instances.length - running;
  return {
    tone: 'warning',
    value,
    detail: versions,
    problem: `${down} instance${down === 1 ? '' : 's'} of ${name} down`,
    topic: `instances of ${name} down`,
  };
}

/** From the readiness report of the orchestrator that serves the page. */
export function redisState(readiness: Known<HealthReport>): Indicator {
  if (readiness.error !== undefined) {
    return {
      ...unknown(readiness, 'the orchestrator does not respond'),
      tone: 'failure',
      isCause: true,
    };
  }
  if (!isKnown(readiness)) return unknown(readiness, 'Redis is unknown');
  const check = readiness.data.checks.redis;
  if (check?.status === 'up') {
    return { tone: 'success', value: 'Up', detail: formatValue((check.latency_ms ?? 0) / 1000, 'seconds') };
  }
  return { tone: 'failure', value: 'Down', detail: check?.error ?? 'not ready', problem: 'Redis is down' };
}

export function tsdbState(health: Known<Pick<TsdbHealth, 'status'>>): Indicator {
  if (!isKnown(health)) return unknown(health, 'the state of the TSDB is unknown');
  switch (health.data.status) {
    case 'healthy':
      return { tone: 'success', value: 'Healthy', detail: 'runs queries' };
    case 'degraded':
      return {
        tone: 'warning',
        value: 'Degraded',
        detail: 'reachable, but runs no query',
        problem: 'the TSDB runs no query',
      };
    default:
      return { tone: 'failure', value: 'Down', detail: 'cannot be reached', problem: 'the TSDB is down' };
  }
}

export function backlogState(queue: Known<QueueState>): Indicator {
  if (!isKnown(queue)) return unknown(queue, 'the backlog is unknown');
  const { tasks, paused, workers, oldest_age_seconds: oldest, paused_event_types: types = [] } = queue.data;
  const { queues = [] } = queue.data;
  const value = `${plain(tasks.waiting)} waiting`;
  const oldestText = `oldest ${formatDuration(Math.round(oldest))}`;
  if (paused) {
    return {
      tone: 'warning',
      value,
      detail: `paused, ${oldestText}`,
      problem: 'the queue is paused',
    };
  }
  if (workers === 0) {
    return { tone: 'failure', value, detail: 'no worker is live', problem: 'no worker is live' };
  }
  const { warning, critical } = THRESHOLDS.oldestAgeSeconds;
  const tone = oldest > critical ? 'failure' : oldest > warning ? 'warning' : 'success';
  const detail = tasks.waiting === 0 ? `${plain(tasks.active)} active` : oldestText;
  const pausedQueue = queues.find((each) => each.paused);
  if (tone === 'success' && pausedQueue !== undefined)
    return { tone: 'warning', value, detail, problem: `the queue ${pausedQueue.queue} is paused` };
  if (tone === 'success' && types.length > 0)
    return { tone: 'warning', value, detail, ...pausedTypes(types) };
  if (tone === 'success') return { tone, value, detail };
  const problem = `the oldest task has waited ${formatDuration(Math.round(oldest))}`;
  return { tone, value, detail, problem, topic: 'tasks wait for too long' };
}

function pausedTypes(types: QueueState['paused_event_types']) {
  const [first] = types;
  const problem =
    types.length === 1
      ? `the event type ${first?.event_type} is paused`
      : `${types.length} event types are paused`;
  return { problem, topic: 'event types are paused' };
}

/**
 * From the current values of the panels events_rate, event_failures and tasks_given_up. `isFailing`: the result before
 * this one. `workers`: how many are live, if that is known; the last rates outlive them for a minute.
 */
export function failureState(
  panels: Known<readonly [PanelData, PanelData, PanelData]>,
  isFailing: boolean = false,
  workers?: number,
): Indicator {
  if (!isKnown(panels)) return unknown(panels, 'failures are unknown');
  if (workers === 0) return { ...NOTHING_RAN, detail: 'no worker is live' };
  const [ended, failures, givenUp] = panels.data;
  const failed = recent(failures, 'failed');
  const dead = total(givenUp);
  const all = total(ended);
  if (failed === null || (all === 0 && failed === 0 && dead === 0)) {
    const hasRun = ended.series.some(({ values }) => values.some((value) => value !== null && value > 0));
    return {
      ...NOTHING_RAN,
      detail: hasRun ? 'no attempt ended lately' : 'no attempt seen in 15 min',
    };
  }
  const share = all > 0 ? failed / all : 0;
  const value = failed === 0 ? 'None' : formatValue(failed, 'events_per_second');
  const shareText = `${wholePercent(share)} of attempts`;
  const rate = formatValue(dead, 'events_per_second').replace(' ', NO_BREAK);
  const given = dead > 0 ? `; ${rate} tasks given up` : '';
  if (share > (isFailing ? FAILED_SHARE_OVER : FAILED_SHARE_LIMIT)) {
    return {
      tone: 'failure',
      value,
      detail: `${shareText}${given}`,
      problem: `${shareText} fail${dead > 0 ? '; tasks are given up' : ''}`,
      topic: FAILING,
    };
  }
  if (dead > 0)
    return { tone: 'warning', value, detail: `${shareText}${given}`, problem: 'tasks are given up' };
  return { tone: 'success', value, detail: failed === 0 ? 'all attempts succeed' : shareText };
}

const FAILING = 'attempts fail';

/** No attempt failed, because none ran. */
const NOTHING_RAN = { tone: 'neutral', value: 'No attempts', isIdle: true } as const;

/** Whether `failureState` says that too many attempts fail. */
export function isFailingState({ topic }: Indicator): boolean {
  return topic === FAILING;
}

/** A share that is not zero never reads as 0%. */
function wholePercent(share: number): string {
  return share > 0 && share < 0.005 ? '<1%' : `${Math.round(share * 100)}%`;
}

/** One sentence about all indicators, the worst first. */
export function systemState(all: readonly Indicator[]): SystemState {
  const cause = all.find(({ isCause }) => isCause);
  const indicators = cause === undefined ? all : [cause];
  const wrong = (['failure', 'warning'] as const).flatMap((tone) =>
    indicators.filter((indicator) => indicator.tone === tone),
  );
  const [worst] = wrong;
  if (worst === undefined) {
    const has = (wanted: string) => indicators.some(({ value }) => value === wanted);
    if (has(LOADING)) return { tone: 'neutral', sentence: 'Loading…', topic: 'Loading…' };
    if (indicators.some(({ isIdle }) => isIdle)) return { tone: 'neutral', sentence: IDLE, topic: IDLE };
    const normal = has(HIDDEN) ? 'Normal, as far as this token may see' : 'All systems normal';
    return { tone: 'success', sentence: normal, topic: normal };
  }
  return {
    tone: worst.tone,
    sentence: sentenceOf(wrong.map(({ problem }) => problem)),
    topic: sentenceOf(wrong.map(({ problem, topic = problem }) => topic)),
  };
}

const IDLE = 'Nothing is wrong, and no task runs';

function sentenceOf(problems: readonly (string | undefined)[]): string {
  const text = [...new Set(problems.filter((problem) => problem !== undefined))].join('; ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The sum of a panel's current values. */
function total(panel: PanelData): number {
  return panel.series.reduce((sum, { values }) => sum + (currentValue(values, panel.times) ?? 0), 0);
}

function recent({ series, times }: PanelData, name: string): number | null {
  return currentValue(series.find(({ legend }) => legend === name)?.values ?? [], times);
}
