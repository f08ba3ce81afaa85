/** Limits of the HTTP API, for the routes and for the dashboard's forms. No imports: the dashboard bundles this file. */

/** Operator-defined names of event types; also what bounds them as label values. */
export const EVENT_TYPE_PATTERN = '^[a-z][a-z0-9_.-]{0,63}$';
export const EVENT_TYPE_DESCRIPTION = 'a lower-case letter, then up to 63 of a-z 0-9 _ . -';

/** Names of queues. Those that exist are settings. */
export const QUEUE_PATTERN = '^[a-z][a-z0-9_-]{0,31}$';

/** BullMQ's limit. A larger number runs later. */
export const LARGEST_PRIORITY = 2_097_152;
/** A year. */
export const MAX_DELAY_MS = 365 * 86_400_000;
export const MOST_ATTEMPTS = 100;
export const MAX_BATCH_TASKS = 1_000;
/** Children of a task, and tasks that follow it one after the other. */
export const MAX_CHILDREN = 100;
export const MAX_CHAIN = 20;
/** Characters of the id of a deduplication. */
export const MAX_DEDUPLICATION_ID = 200;
/** Tasks that one call may change, and ids that it may name. */
export const MAX_BULK_TASKS = 10_000;
export const MAX_BULK_IDS = 1_000;
/** Characters of an error that tasks are found by. */
export const MAX_ERROR_FILTER = 500;

export const MAX_PAYLOAD_BYTES = 1024 * 1024;
export const MAX_PAYLOAD_DEPTH = 32;

/** Points across a panel. */
export const MIN_PANEL_WIDTH = 10;
export const MAX_PANEL_WIDTH = 2_000;
/** Series of a panel, and panels of one request. */
export const MOST_PANEL_SERIES = 1_000;
export const MOST_PANELS = 50;
/** Exemplars of a panel. */
export const MOST_PANEL_EXEMPLARS = 500;
