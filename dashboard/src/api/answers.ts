import type { Unit } from '../format.ts';

/** Shapes that the orchestrator answers with; those of tasks are in its contract. */

export interface Panel {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly unit: Unit;
  readonly queries: readonly { readonly legend: string; readonly promql: string }[];
}

export interface PanelData extends Panel {
  /** Unix seconds; `step` in seconds. */
  readonly start: number;
  readonly end: number;
  readonly step: number;
  readonly times: readonly number[];
  readonly series: readonly PanelSeries[];
}

export interface PanelSeries {
  readonly legend: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly values: readonly (number | null)[];
}

export interface Service {
  readonly name: string;
  readonly up: boolean;
  readonly instances: readonly ServiceInstance[];
}

export interface ServiceInstance {
  readonly instance: string;
  readonly job: string;
  readonly version: string;
  readonly up: boolean;
}

export interface Readiness {
  readonly status: string;
  readonly service: string;
  readonly version: string;
  readonly uptime_seconds: number;
  readonly checks: Readonly<Record<string, Check>>;
}

export interface Check {
  readonly status: string;
  readonly latency_ms?: number;
  readonly error?: string;
}

export interface TsdbHealth {
  readonly status: 'healthy' | 'degraded' | 'unhealthy';
  readonly checks?: Readonly<Record<string, unknown>>;
  readonly error?: string;
}

export interface Queue {
  readonly paused: boolean;
  readonly tasks: Readonly<Record<'waiting' | 'active' | 'delayed' | 'dead', number>>;
  readonly oldest_age_seconds: number;
}
