import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { HealthCheck } from './health.ts';

/** The event loop may be blocked for this long. */
const MAX_BLOCK_MS = 1_000;
/** The check is down for this long after a longer block. */
const DOWN_MS = 5_000;

/**
 * After a block of over 1 s, /health/ready fails for 5 s. During a block the process answers no probe at all. This check
 * shows between two blocks that the process is not well.
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
    if (delayMs > MAX_BLOCK_MS) {
      blockedAt = now;
      longestMs = delayMs;
    }
    if (now - blockedAt > DOWN_MS) return { up: true, latencyMs: delayMs };
    return {
      up: false,
      latencyMs: longestMs,
      error: `the event loop was blocked for ${Math.round(longestMs)} ms`,
    };
  };
}
