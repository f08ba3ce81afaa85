/** Limits that alerts, the overview and the charts share. No imports: the dashboard bundles this file. */
export const THRESHOLDS = {
  /** How long the oldest waiting task may wait. */
  oldestAgeSeconds: { warning: 60, critical: 300 },
  /** Share of attempts that may fail. */
  failedAttempts: 0.05,
  /** Attempts in five minutes below which that share says nothing. */
  fewestAttempts: 20,
  /** Share of the requests to the query API that may get a 5xx status. */
  failedQueries: 0.05,
  /** 99th percentile of the delay of an event loop. */
  eventLoopSeconds: 0.5,
  /** 99th percentile of Redis commands. */
  redisSeconds: 0.25,
  /** Share of `maxmemory` that Redis may use. */
  redisMemory: 0.9,
  /** Waiting tasks from which a growing queue is worth a look. */
  growingBacklog: 1_000,
  /** Tasks that are given up in ten minutes: more are a mass death. */
  massDeath: 50,
} as const;

/** A limit that an alert watches, as a line on a chart. */
export interface PanelThreshold {
  readonly value: number;
  readonly severity: 'warning' | 'critical';
  readonly alert: string;
}

const { oldestAgeSeconds, eventLoopSeconds, redisSeconds } = THRESHOLDS;

/** The limits by panel, for those whose values an alert compares with one. */
export const PANEL_THRESHOLDS: Readonly<Record<string, readonly PanelThreshold[]>> = {
  oldest_age: [
    { value: oldestAgeSeconds.warning, severity: 'warning', alert: 'QueueLatency' },
    { value: oldestAgeSeconds.critical, severity: 'critical', alert: 'QueueLatencyHigh' },
  ],
  redis_latency: [{ value: redisSeconds, severity: 'warning', alert: 'RedisSlow' }],
  event_loop_delay: [{ value: eventLoopSeconds, severity: 'warning', alert: 'EventLoopBlocked' }],
};
