import type { MetricsRegistry } from '../../infrastructure/metrics/index.ts';
import { EVENTS_ENQUEUED } from '../../infrastructure/metrics/index.ts';
import { withKnownSeries } from '../../infrastructure/telemetry/known-series.ts';
import { UNKNOWN_EVENT_TYPE } from '../../shared/queue/event-types.ts';

export type SubmissionResult = 'accepted' | 'duplicate' | 'deduplicated' | 'rejected' | 'error';

/** Learns how each submission of a task ended. `eventType` is whatever the client sent. */
export type SubmissionObserver = (eventType: unknown, result: SubmissionResult) => void;

/** The event types that workers handle, as far as this process knows. */
interface KnownTypes {
  labelOf(type: string): Promise<string>;
  all(): Promise<Iterable<string>>;
}

/**
 * Counts submissions by event type. All event types that no worker handles share one label value. The series of the
 * types that workers have announced exist from the next scrape on.
 */
export function createSubmissionObserver(
  registry: MetricsRegistry,
  service: string,
  eventTypes: KnownTypes,
): SubmissionObserver {
  const enqueued = withKnownSeries(registry, EVENTS_ENQUEUED, { service, event_type: UNKNOWN_EVENT_TYPE });
  registry.addCollector({
    name: 'event_types',
    collect: async () => {
      withKnownSeries(registry, EVENTS_ENQUEUED, { service, event_type: [...(await eventTypes.all())] });
    },
  });
  return async (eventType, result) => {
    const event_type =
      typeof eventType === 'string' ? await eventTypes.labelOf(eventType) : UNKNOWN_EVENT_TYPE;
    enqueued.inc({ service, event_type, result });
  };
}
