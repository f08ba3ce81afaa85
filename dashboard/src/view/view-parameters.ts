/** What an operator looks at, and how. All of it is in the URL, so that a link shows the same view. */

export const RANGES = ['15m', '1h', '6h', '24h', '7d'] as const;
export const REFRESH_SECONDS = [0, 5, 15, 60] as const;
/** How long before, as the panels API takes it, and in words. */
export const COMPARISONS = [
  { offset: '1d', text: 'a day earlier', seconds: 86_400 },
  { offset: '7d', text: 'a week earlier', seconds: 604_800 },
] as const;
export type CompareChoice = (typeof COMPARISONS)[number]['offset'];
export type TimeZoneChoice = 'local' | 'utc';
export type ThemeChoice = 'system' | 'light' | 'dark';

export interface TimeWindow {
  /** Unix seconds. */
  readonly start: number;
  readonly end: number;
}

export interface View {
  /** How far back from now, such as `1h`. The page returns to it from an absolute window. */
  readonly range: string;
  /** Whether `range` is the page's own choice, by the age of the data, and not the operator's. */
  readonly isDefaultRange: boolean;
  /** An absolute window, shown instead of `range`; null if there is none. */
  readonly window: TimeWindow | null;
  /** null: all services. */
  readonly service: string | null;
  /** What charts compare with; null: nothing. */
  readonly compare: CompareChoice | null;
  /** 0: off. */
  readonly refreshSeconds: number;
  readonly timeZone: TimeZoneChoice;
  readonly theme: ThemeChoice;
}

export const DEFAULT_VIEW: View = {
  range: '1h',
  isDefaultRange: true,
  window: null,
  service: null,
  compare: null,
  refreshSeconds: 15,
  timeZone: 'local',
  theme: 'system',
};

/** The parameters of the URL that belong to the view, whatever the page. */
export const VIEW_PARAMETERS = [
  'range',
  'from',
  'to',
  'service',
  'compare',
  'refresh',
  'tz',
  'theme',
] as const;

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };
export const MAX_RANGE_SECONDS = 366 * 86_400;
/** In the year 5138: the largest number with eleven digits. */
const LAST_SECOND = 99_999_999_999;
export const MIN_WINDOW_SECONDS = 60;
const REFRESH_NAMES: Readonly<Record<string, number>> = { off: 0, '5s': 5, '15s': 15, '1m': 60 };

/** Seconds of `15m`, `1h`, `7d`; null for other texts, and for durations that the page cannot show. */
export function rangeSeconds(range: string): number | null {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(range) ?? [];
  const seconds = Number(count) * (UNIT_SECONDS[unit ?? ''] ?? Number.NaN);
  return seconds >= MIN_WINDOW_SECONDS && seconds <= MAX_RANGE_SECONDS ? seconds : null;
}

/**
 * The view that a URL's parameters describe. A parameter that is not valid falls back to the default; `defaultRange` is
 * that of the range.
 */
export function parseView(search: URLSearchParams, defaultRange: string = DEFAULT_VIEW.range): View {
  const range = search.get('range') ?? '';
  const isDefaultRange = rangeSeconds(range) === null;
  const theme = search.get('theme');
  return {
    range: isDefaultRange ? defaultRange : range,
    isDefaultRange,
    window: parseWindow(search.get('from'), search.get('to')),
    service: search.get('service') || null,
    compare: comparisonOf(search.get('compare')),
    refreshSeconds: REFRESH_NAMES[search.get('refresh') ?? ''] ?? DEFAULT_VIEW.refreshSeconds,
    timeZone: search.get('tz') === 'utc' ? 'utc' : 'local',
    theme: theme === 'light' || theme === 'dark' ? theme : 'system',
  };
}

/** The comparison with this offset; null if the page has none. */
export function comparisonOf(offset: string | null): CompareChoice | null {
  return COMPARISONS.find((each) => each.offset === offset)?.offset ?? null;
}

function parseWindow(from: string | null, to: string | null): TimeWindow | null {
  const [start, end] = [from, to].map((text) => (/^\d{1,11}$/.test(text ?? '') ? Number(text) : Number.NaN));
  if (start === undefined || end === undefined) return null;
  return windowProblem({ start, end }) === null ? { start, end } : null;
}

/** Why the page cannot show a window, in words; null if it can. */
export function windowProblem({ start, end }: TimeWindow): string | null {
  if (Number.isNaN(start) || Number.isNaN(end)) return 'Expected a date and a time in both fields.';
  if (start < 0 || end > LAST_SECOND) return 'Expected times from 1970 to 5138.';
  if (end - start < MIN_WINDOW_SECONDS) {
    return `Expected an end at least ${MIN_WINDOW_SECONDS} s after the start.`;
  }
  if (end - start <= MAX_RANGE_SECONDS) return null;
  const [most, given] = [MAX_RANGE_SECONDS, end - start].map((seconds) => Math.ceil(seconds / 86_400));
  return `Expected at most ${most} days between start and end; got ${given}.`;
}

/** The view as parameters, without defaults, so that links stay short. A range that the operator chose is no default. */
export function viewParameters(view: View): URLSearchParams {
  const search = new URLSearchParams();
  if (!view.isDefaultRange) search.set('range', view.range);
  if (view.window !== null) {
    search.set('from', String(Math.round(view.window.start)));
    search.set('to', String(Math.round(view.window.end)));
  }
  if (view.service !== null) search.set('service', view.service);
  if (view.compare !== null) search.set('compare', view.compare);
  if (view.refreshSeconds !== DEFAULT_VIEW.refreshSeconds)
    search.set('refresh', refreshName(view.refreshSeconds));
  if (view.timeZone !== DEFAULT_VIEW.timeZone) search.set('tz', view.timeZone);
  if (view.theme !== DEFAULT_VIEW.theme) search.set('theme', view.theme);
  return search;
}

/** `off`, `5s`, `15s`, `1m`. */
export function refreshName(seconds: number): string {
  return Object.entries(REFRESH_NAMES).find(([, value]) => value === seconds)?.[0] ?? 'off';
}
