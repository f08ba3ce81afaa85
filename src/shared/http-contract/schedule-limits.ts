/** Limits of schedules, for the routes, the workers and the dashboard. No imports: the dashboard bundles this file. */

export const SCHEDULE_ID_PATTERN = '^[a-z][a-z0-9_.-]{0,63}$';
export const MAX_SCHEDULES = 1_000;
export const SHORTEST_EVERY_MS = 1_000;
/** A year. */
export const LONGEST_EVERY_MS = 365 * 86_400_000;
export const MAX_CRON_LENGTH = 200;
/** Schedules that one module of handlers may declare, and the characters of all of them as JSON. */
export const MAX_DECLARED_SCHEDULES = 200;
export const MAX_DECLARED_LENGTH = 65_536;
