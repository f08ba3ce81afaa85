import { signal } from '@preact/signals';
import { DEFAULT_VIEW } from './view-parameters.ts';

/** Ranges for young data, and the age up to which each is the default, in seconds. A chart is never mostly empty. */
const YOUNG = [
  { range: '5m', untilSeconds: 5 * 60 },
  { range: '15m', untilSeconds: 15 * 60 },
] as const;

/** The range while the operator has chosen none. */
export const defaultRange = signal<string>(DEFAULT_VIEW.range);

/** The default range for data that began so long ago. */
export function rangeForAge(ageSeconds: number): string {
  return YOUNG.find(({ untilSeconds }) => ageSeconds < untilSeconds)?.range ?? DEFAULT_VIEW.range;
}

/** Follows the age of data that began at `beginSeconds`, until the default is the one for old data. */
export function followAge(beginSeconds: number): void {
  const ageSeconds = Date.now() / 1000 - beginSeconds;
  defaultRange.value = rangeForAge(ageSeconds);
  const next = YOUNG.find(({ untilSeconds }) => ageSeconds < untilSeconds);
  if (next !== undefined) setTimeout(followAge, (next.untilSeconds - ageSeconds) * 1000, beginSeconds);
}
