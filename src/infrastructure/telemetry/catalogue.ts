import type { CatalogueEntry } from './catalogue/entry.ts';
import * as events from './catalogue/events.ts';
import * as http from './catalogue/http.ts';
import * as listeners from './catalogue/listeners.ts';
import * as metrics from './catalogue/metrics.ts';
import * as processes from './catalogue/process.ts';
import * as query from './catalogue/query.ts';
import * as queue from './catalogue/queue.ts';
import * as redis from './catalogue/redis.ts';
import * as schedules from './catalogue/schedules.ts';
import * as webhooks from './catalogue/webhooks.ts';
import * as workers from './catalogue/workers.ts';

/*
 * Every `asdlc_*` metric, as data. The files of catalogue/ are the one place to add or change one: they export
 * entries and nothing else. Names, labels and buckets are a public contract, because dashboards and alerts
 * depend on them.
 */

export * from './catalogue/events.ts';
export * from './catalogue/http.ts';
export * from './catalogue/listeners.ts';
export * from './catalogue/metrics.ts';
export * from './catalogue/process.ts';
export * from './catalogue/query.ts';
export * from './catalogue/queue.ts';
export * from './catalogue/redis.ts';
export * from './catalogue/schedules.ts';
export * from './catalogue/webhooks.ts';
export * from './catalogue/workers.ts';

const SUBJECTS = [
  events,
  http,
  listeners,
  metrics,
  processes,
  query,
  queue,
  redis,
  schedules,
  webhooks,
  workers,
];

/** All entries, sorted by name. */
export const METRIC_DEFINITIONS: readonly CatalogueEntry[] = SUBJECTS.flatMap(
  (subject): readonly CatalogueEntry[] => Object.values(subject),
).toSorted((a, b) => (a.name < b.name ? -1 : 1));
