import { UNKNOWN_EVENT_TYPE } from '../../shared/queue/event-types.ts';
import type { MetricsRegistry } from '../metrics/registry.ts';
import {
  EVENT_DURATION,
  EVENT_RETRIES,
  EVENT_WAIT,
  EVENTS_DEAD,
  EVENTS_STALLED,
  HANDLER_STRAY_ERRORS,
} from './catalogue/events.ts';
import { QUEUE_ENTRIES_REMOVED } from './catalogue/queue.ts';
import { childrenByLabel } from './children-by-label.ts';
import { withKnownSeries } from './known-series.ts';

type Status = 'success' | 'failed';

/**
 * What a worker pool reports as it happens. The pool bounds the event types: those with a handler, and `unknown`.
 * A trace id becomes the exemplar.
 */
export interface PoolObserver {
  /** A task's first attempt starts, this long after its due time. */
  waited(eventType: string, seconds: number, traceId?: string): void;
  /** A handler ended after this long. */
  ran(eventType: string, status: Status, seconds: number, traceId?: string): void;
  retried(eventType: string, reason: string): void;
  dead(eventType: string, reason: string): void;
  stalled(): void;
  /** An error that a handler left behind came after its attempt. */
  stray(eventType: string): void;
  /** An entry of a list named no task, or one that runs or has ended. */
  entryRemoved(reason: 'vanished' | 'repeated'): void;
}

/** An observer that counts in the registry. The series of the pool's event types and of `unknown` exist from now on. */
export function createPoolObserver(
  registry: MetricsRegistry,
  service: string,
  eventTypes: readonly string[],
): PoolObserver {
  const known = { service, event_type: [...eventTypes, UNKNOWN_EVENT_TYPE] };
  const wait = withKnownSeries(registry, EVENT_WAIT, known);
  const duration = withKnownSeries(registry, EVENT_DURATION, known);
  const retries = withKnownSeries(registry, EVENT_RETRIES, known);
  const dead = withKnownSeries(registry, EVENTS_DEAD, known);
  const stalled = registry.instrument(EVENTS_STALLED).labels({ service });
  const strays = withKnownSeries(registry, HANDLER_STRAY_ERRORS, known);
  const entries = registry.instrument(QUEUE_ENTRIES_REMOVED);
  const removedEntries = {
    vanished: entries.labels({ service, reason: 'vanished' }),
    repeated: entries.labels({ service, reason: 'repeated' }),
  };
  const waits = childrenByLabel((event_type) => wait.labels({ service, event_type }));
  const runs = {
    success: childrenByLabel((event_type) => duration.labels({ service, event_type, status: 'success' })),
    failed: childrenByLabel((event_type) => duration.labels({ service, event_type, status: 'failed' })),
  };
  return {
    waited: (eventType, seconds, traceId) => waits(eventType).observe(seconds, exemplarOf(traceId)),
    ran: (eventType, status, seconds, traceId) =>
      runs[status](eventType).observe(seconds, exemplarOf(traceId)),
    retried: (event_type, reason) => retries.inc({ service, event_type, reason }),
    dead: (event_type, reason) => dead.inc({ service, event_type, reason }),
    stalled: () => stalled.inc(),
    stray: (event_type) => strays.inc({ service, event_type }),
    entryRemoved: (reason) => removedEntries[reason].inc(),
  };
}

function exemplarOf(traceId: string | undefined) {
  return traceId === undefined ? undefined : { trace_id: traceId };
}
