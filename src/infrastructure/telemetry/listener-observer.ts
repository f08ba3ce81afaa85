import type { MetricsRegistry } from '../metrics/registry.ts';
import { EVENT_LISTENERS, EVENT_STREAMS_ENDED } from './catalogue/listeners.ts';
import { withKnownSeries } from './known-series.ts';

/** Counts the clients that wait for news of tasks. */
export interface ListenerObserver {
  changed(kind: 'stream' | 'wait', count: number): void;
  streamEnded(reason: (typeof EVENT_STREAMS_ENDED.labelValues.reason)[number]): void;
}

export function createListenerObserver(registry: MetricsRegistry, service: string): ListenerObserver {
  const listeners = registry.instrument(EVENT_LISTENERS);
  for (const kind of EVENT_LISTENERS.labelValues.kind) listeners.set({ service, kind }, 0);
  const ended = withKnownSeries(registry, EVENT_STREAMS_ENDED, { service });
  return {
    changed: (kind, count) => listeners.set({ service, kind }, count),
    streamEnded: (reason) => ended.inc({ service, reason }),
  };
}
