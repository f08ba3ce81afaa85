import { Agent, request } from 'undici';
import { basicAuthorization } from '../../../shared/basic-authorization.ts';
import { QueryError } from '../../../shared/errors.ts';

/** What evaluates the alerts, or what Alertmanager has of them, in Prometheus's shape. */
export interface AlertsSource {
  /** Rejects with a QueryError. */
  alerts(): Promise<readonly Alert[]>;
  /** Rejects with a QueryError. Alertmanager knows no rules. */
  groups(): Promise<readonly Group[]>;
  close(): Promise<void>;
}

/** Further fields are passed on. */
export interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: string;
}

export interface Group {
  readonly name: string;
  readonly rules: readonly Rule[];
}

export interface Rule {
  readonly type: string;
  readonly state?: string;
  readonly alerts?: readonly Alert[];
}

const TIMEOUT_MS = 5_000;
const MAX_BYTES = 8 * 1024 * 1024;

export const NO_ALERTS: AlertsSource = {
  alerts: async () => [],
  groups: async () => [],
  close: async () => undefined,
};

/**
 * Reads alerts and rules of vmalert or Prometheus, or the alerts of Alertmanager. User and password in the URL are sent as
 * basic authentication. Callers at the same time share a request.
 */
export function createAlertsSource(url: string): AlertsSource {
  const parsed = new URL(url);
  const base = parsed.origin + parsed.pathname.replace(/\/+$/, '');
  const agent = new Agent({ connections: 2, maxResponseSize: MAX_BYTES, connect: { timeout: TIMEOUT_MS } });
  const headers = { accept: 'application/json', ...basicAuthorization(parsed) };
  /** Whether it is Alertmanager, whose API has a version that nothing else has. Undefined until something answered. */
  let isAlertmanager: boolean | undefined;

  /** Returns the body as JSON; undefined if there is no such path. */
  const read = async (path: string): Promise<unknown> => {
    const options = { dispatcher: agent, headers, signal: AbortSignal.timeout(TIMEOUT_MS) };
    try {
      const { statusCode, body } = await request(base + path, options);
      if (statusCode === 200) return await body.json();
      await body.dump();
      // vmalert 1.79 answers 400 to a path that it does not know, Prometheus 404.
      if (statusCode === 404 || statusCode === 400) return undefined;
      throw unexpected(`status ${statusCode}`);
    } catch (error) {
      if (error instanceof QueryError) throw error;
      const reason = (error as Error).name === 'TimeoutError' ? 'no response' : 'no connection or no JSON';
      throw unexpected(reason, error);
    }
  };
  const readPrometheus = async (path: string, name: 'alerts' | 'groups'): Promise<readonly unknown[]> => {
    const answer = await read(path);
    const list = (answer as { data?: Record<string, unknown> } | undefined)?.data?.[name]; // checked below
    if (!Array.isArray(list)) throw unexpected(`no list of ${name}`);
    return list;
  };
  const readAlerts = async (): Promise<readonly Alert[]> => {
    if (isAlertmanager !== false) {
      const answer = await read('/api/v2/alerts?silenced=false&inhibited=false');
      if (Array.isArray(answer)) {
        isAlertmanager = true;
        return answer.filter(isSent).map(asInPrometheus);
      }
    }
    const alerts = await readPrometheus('/api/v1/alerts', 'alerts');
    isAlertmanager = false;
    return alerts.filter(isAlert);
  };
  const readGroups = async (): Promise<readonly Group[]> => {
    if (isAlertmanager === undefined) await readAlerts();
    return isAlertmanager ? [] : (await readPrometheus('/api/v1/rules', 'groups')).filter(isGroup);
  };
  return { alerts: shared(readAlerts), groups: shared(readGroups), close: () => agent.destroy() };
}

function unexpected(got: string, cause?: unknown): QueryError {
  const expected = 'Expected alerts from vmalert, Prometheus or Alertmanager at ALERTS_URL';
  return new QueryError('unavailable', `${expected}; got ${got}.`, { cause });
}

/** Callers that come while a call is under way get its result. */
function shared<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => {
    running ??= work().finally(() => {
      running = undefined;
    });
    return running;
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isAlert(value: unknown): value is Alert {
  return isRecord(value) && isRecord(value.labels) && typeof value.state === 'string';
}

function isGroup(value: unknown): value is Group {
  return isRecord(value) && Array.isArray(value.rules) && value.rules.every(isRecord);
}

interface SentAlert extends Omit<Alert, 'state'> {
  readonly startsAt: string;
}

/** Whether it is an alert as Alertmanager's API has it. */
function isSent(value: unknown): value is SentAlert {
  return isRecord(value) && isRecord(value.labels) && typeof value.startsAt === 'string';
}

/** Alertmanager knows firing alerts only, and not their value. */
function asInPrometheus({ labels, annotations, startsAt }: SentAlert): Alert & { activeAt: string } {
  return { labels, annotations, state: 'firing', activeAt: startsAt };
}
