/** An alert as data. scripts/alert-rules.ts writes the rules of Prometheus from it. */
export interface Alert {
  /** The name of the alert and of its section in docs/runbooks.md. */
  readonly name: string;
  /** critical wakes somebody; warning waits for the working day. */
  readonly severity: 'critical' | 'warning';
  /** Fires for each series of this expression. Ranges stand in brackets, as `[5m]`. */
  readonly expr: string;
  /** How long the expression must hold. */
  readonly forSeconds: number;
  readonly summary: string;
  readonly description: string;
  /** Path and query of the dashboard that show the cause. */
  readonly dashboard: string;
}

/** A recording rule: a name that several rules and panels use for one expression. */
export interface Recording {
  readonly record: string;
  readonly expr: string;
}

export interface RuleGroup {
  readonly name: string;
  readonly recordings: readonly Recording[];
  readonly alerts: readonly Alert[];
}

/** What the operator decides. */
export interface AlertSettings {
  /** Share of HTTP requests that must not get a 5xx status. */
  readonly availabilityObjective: number;
  /** Share of HTTP requests that must be answered within `latencySeconds`. */
  readonly latencyObjective: number;
  /** A bucket of asdlc_http_request_duration_seconds. */
  readonly latencySeconds: number;
  /** Resident memory of one process. */
  readonly memoryBytes: number;
  /** Where people open the dashboard. The orchestrator serves the runbooks there too. */
  readonly dashboardUrl: string;
  /** Every time is multiplied by it. Below 1 it is for tests only. */
  readonly timeScale: number;
}

export const USUAL_SETTINGS: AlertSettings = {
  availabilityObjective: 0.999,
  latencyObjective: 0.99,
  latencySeconds: 0.5,
  memoryBytes: 1_073_741_824,
  dashboardUrl: 'http://127.0.0.1:8080',
  timeScale: 1,
};

export const MINUTE = 60;

/** Opens one panel of the overview. */
export function panelPath(name: string): string {
  return `/?panel=${name}`;
}

/** Opens a query on the page Explore. */
export function explorePath(query: string): string {
  return `/explore?${new URLSearchParams({ q: query })}`;
}

/**
 * PromQL for the increase of a counter, also where its series begins inside the range: such a series has counted from 0
 * since its process started. `increase()` sees no increase in a first value.
 */
export function increaseOf(counter: string, by: readonly string[]): string {
  const isYoung = `time() - process_start_time_seconds < ${INCREASE_MINUTES * MINUTE}`;
  const range = `${INCREASE_MINUTES}m`;
  const appeared = `${counter} unless ${counter} offset ${range} and on (job, instance) (${isYoung})`;
  const labels = by.length === 0 ? '' : ` by (${by.join(', ')})`;
  return `sum${labels} ((${appeared}) or increase(${counter}[${range}]))`;
}

const INCREASE_MINUTES = 10;
