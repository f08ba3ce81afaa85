/** The last time that a Date can hold, in Unix milliseconds. */
const LAST_TIME_MS = 8.64e15;

/** Returns null for 0, and for what is no time. */
export function isoTime(milliseconds: number): string | null {
  return milliseconds > 0 && milliseconds <= LAST_TIME_MS ? new Date(milliseconds).toISOString() : null;
}
