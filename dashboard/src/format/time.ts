import { formatValue, NO_VALUE } from './quantity.ts';

/** Times and durations as people read them. All functions are pure, and do not depend on the locale. */

/** A length of time in at most two units: 12 s, 3 min 4 s, 2 h, 5 d 3 h. */
export function formatDuration(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return NO_VALUE;
  if (seconds < 60) return formatValue(seconds, 'seconds');
  const total = Math.round(seconds);
  const units = [
    ['d', 86_400],
    ['h', 3_600],
    ['min', 60],
    ['s', 1],
  ] as const;
  const first = units.findIndex(([, size]) => total >= size);
  return units
    .slice(first, first + 2)
    .map(([name, size], i, [large]) => ({
      name,
      count: Math.floor((i === 0 ? total : total % (large?.[1] ?? 1)) / size),
    }))
    .filter(({ count }) => count > 0)
    .map(({ name, count }) => `${count} ${name}`)
    .join(' ');
}

export interface TimeOptions {
  readonly isUtc: boolean;
  /** Default: both. */
  readonly show?: 'date' | 'time' | 'minutes' | 'both';
}

/** Unix seconds as 2026-01-31 23:59:59 or a part of it, without the zone: say that once, beside. */
export function formatTime(unixSeconds: number, { isUtc, show = 'both' }: TimeOptions): string {
  const shifted = new Date(unixSeconds * 1000);
  if (Number.isNaN(shifted.getTime())) return NO_VALUE;
  if (!isUtc) shifted.setTime(shifted.getTime() - shifted.getTimezoneOffset() * 60_000);
  const iso = shifted.toISOString();
  if (show === 'date') return iso.slice(0, 10);
  if (show === 'minutes') return iso.slice(11, 16);
  return show === 'time' ? iso.slice(11, 19) : `${iso.slice(0, 10)} ${iso.slice(11, 19)}`;
}

/** An ISO time, as the task API returns it, for people; a dash for null. */
export function formatIsoTime(text: string | null, isUtc: boolean): string {
  return text === null ? NO_VALUE : formatTime(Date.parse(text) / 1000, { isUtc });
}

/** How long ago: `just now`, `12 s ago`, `3 min ago`. */
export function formatAgo(seconds: number): string {
  if (seconds < 2) return 'just now';
  const [whole] = formatDuration(Math.floor(seconds)).split(/(?<=[a-z]) /);
  return `${whole} ago`;
}
