import type { MetricsRegistry } from '../../infrastructure/metrics/index.ts';
import { EVENTS_ENQUEUED } from '../../infrastructure/metrics/index.ts';
import { UNKNOWN_EVENT_TYPE } from '../../shared/queue/event-types.ts';

export type SubmissionResult = 'accepted' | 'duplicate' | 'rejected' | 'error';

/** Learns how each submission of a task ended. `eventType` is whatever the client sent. */
export type SubmissionObserver = (eventType: unknown, result: SubmissionResult) => void;

/** Counts submissions by event type. All event types that no worker handles share one label value. */
export function createSubmissionObserver(
  registry: MetricsRegistry,
  service: string,
  eventTypes: { labelOf(type: string): Promise<string> },
): SubmissionObserver {
  const enqueued = registry.instrument(EVENTS_ENQUEUED);
  return async (eventType, result) => {
    const event_type =
      typeof eventType === 'string' ? await eventTypes.labelOf(eventType) : UNKNOWN_EVENT_TYPE;
    enqueued.inc({ service, event_type, result });
  };
}
