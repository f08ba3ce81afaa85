import {
  type MetricsRegistry,
  SCHEDULE_LATENESS,
  SCHEDULE_MISSED,
  SCHEDULE_RUNS,
} from '../../infrastructure/metrics/index.ts';
import { withKnownSeries } from '../../infrastructure/telemetry/known-series.ts';
import type { SubmissionObserver } from '../tasks/submission-observer.ts';
import type { RunEvent } from './scheduler.ts';

/** Counts the tasks that schedules make. They count as submissions too. */
export interface RunObserver {
  due(event: RunEvent): void;
  /** A task out of turn. */
  extra(eventType: string): void;
}

export function createRunObserver(
  registry: MetricsRegistry,
  service: string,
  submitted: SubmissionObserver,
): RunObserver {
  const runs = withKnownSeries(registry, SCHEDULE_RUNS, { service });
  const missed = withKnownSeries(registry, SCHEDULE_MISSED, { service });
  const lateness = withKnownSeries(registry, SCHEDULE_LATENESS, { service });
  return {
    due: (event) => {
      runs.inc({ service, trigger: event.missed > 0 ? 'catch_up' : 'due' });
      if (event.missed > 0) missed.inc({ service }, event.missed);
      lateness.observe({ service }, event.lateMs / 1000);
      submitted(event.eventType, 'accepted');
    },
    extra: (eventType) => {
      runs.inc({ service, trigger: 'by_hand' });
      submitted(eventType, 'accepted');
    },
  };
}
