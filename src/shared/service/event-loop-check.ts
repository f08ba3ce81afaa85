import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { HealthCheck } from './health.ts';

/** A stop of the event loop this long makes the process unready … */
const MAX_DELAY_MS = 1_000;
/** … for this long after it. */
const WINDOW_MS = 5_000;

/**
 * Whether the event loop has run freely of late. While it is blocked nothing is answered at all, which a probe sees
 * as well; this tells of it between two blocks.
 */
export function createEventLoopCheck(): HealthCheck {
  const histogram = monitorEventLoopDelay({ resolution: 20 });
  histogram.enable();
  let blockedAt = Number.NEGATIVE_INFINITY;
  let longestMs = 0;
  return async () => {
    const now = performance.now();
    const delayMs = histogram.max / 1e6;
    histogram.reset();
    if (delayMs > MAX_DELAY_MS) {
      blockedAt = now;
      longestMs = delayMs;
    }
    if (now - blockedAt > WINDOW_MS) return { up: true, latencyMs: delayMs };
    return {
      up: false,
      latencyMs: longestMs,
      error: `the event loop was blocked for ${Math.round(longestMs)} ms`,
    };
  };
}
