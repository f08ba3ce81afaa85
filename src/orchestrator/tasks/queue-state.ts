import type { PausedEventType } from '../../shared/http-contract/event-types.ts';
import type { QueueState } from '../../shared/http-contract/queue.ts';
import type { QueueSnapshot } from '../../shared/queue/snapshot.ts';
import { shownPausedType } from './type-pauses.ts';

export interface NamedSnapshot extends QueueSnapshot {
  readonly queue: string;
}

/** Adds up the states of queues. The sum is paused when all of them are. */
export function queueState(snapshots: readonly NamedSnapshot[], workers: number): QueueState {
  const names = Object.keys(snapshots[0]?.tasks ?? {}) as (keyof QueueSnapshot['tasks'])[]; // all have the same
  const tasks = Object.fromEntries(
    names.map((name) => [name, snapshots.reduce((sum, snapshot) => sum + snapshot.tasks[name], 0)]),
  ) as QueueState['tasks'];
  return {
    paused: snapshots.every(({ isPaused }) => isPaused),
    tasks,
    workers,
    oldest_age_seconds: Math.max(...snapshots.map(({ oldestAgeSeconds }) => oldestAgeSeconds)),
    paused_event_types: pausedTypes(snapshots),
    queues: snapshots.map(({ queue, isPaused, oldestAgeSeconds, tasks: counts }) => ({
      queue,
      paused: isPaused,
      tasks: counts,
      oldest_age_seconds: oldestAgeSeconds,
    })),
  };
}

/** A type is paused in all queues at once: its tasks add up. */
function pausedTypes(snapshots: readonly NamedSnapshot[]): PausedEventType[] {
  const types = new Map<string, PausedEventType>();
  for (const { pausedTypes } of snapshots) {
    for (const type of pausedTypes.map(shownPausedType)) {
      const tasks = (types.get(type.event_type)?.tasks ?? 0) + type.tasks;
      types.set(type.event_type, { ...type, tasks });
    }
  }
  return [...types.values()].sort((a, b) => (a.event_type < b.event_type ? -1 : 1));
}
