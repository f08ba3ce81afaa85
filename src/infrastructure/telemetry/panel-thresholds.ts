import type { PanelName } from '../../shared/http-contract/panel-faces.ts';
import { THRESHOLDS } from '../../shared/http-contract/thresholds.ts';

/** A limit that an alert watches, as a line on a panel. */
export interface PanelThreshold {
  readonly value: number;
  readonly severity: 'warning' | 'critical';
  readonly alert: string;
}

const { oldestAgeSeconds, eventLoopSeconds, redisSeconds } = THRESHOLDS;

/** The limits by panel, for those whose values an alert compares with one. */
export const PANEL_THRESHOLDS: Readonly<Partial<Record<PanelName, readonly PanelThreshold[]>>> = {
  oldest_age: [
    { value: oldestAgeSeconds.warning, severity: 'warning', alert: 'QueueLatency' },
    { value: oldestAgeSeconds.critical, severity: 'critical', alert: 'QueueLatencyHigh' },
  ],
  redis_latency: [{ value: redisSeconds, severity: 'warning', alert: 'RedisSlow' }],
  event_loop_delay: [{ value: eventLoopSeconds, severity: 'warning', alert: 'EventLoopBlocked' }],
};
