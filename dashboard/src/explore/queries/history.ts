/** The queries that ran in this browser, newest first. It keeps queries and their times, and nothing else. */

export interface HistoryEntry {
  readonly query: string;
  /** Unix seconds. */
  readonly at: number;
}

const MOST_ENTRIES = 50;
const KEY = 'asdlc.explore-history';

/** The part of the browser's localStorage that the history uses. */
export interface Store {
  readonly getItem: (key: string) => string | null;
  readonly setItem: (key: string, text: string) => void;
  readonly removeItem: (key: string) => void;
}

/** The entries with `query` at the top, once, and without the oldest. */
export function remembered(
  entries: readonly HistoryEntry[],
  query: string,
  at: number,
): readonly HistoryEntry[] {
  return [{ query, at }, ...entries.filter((entry) => entry.query !== query)].slice(0, MOST_ENTRIES);
}

/** The stored entries, without those that are not valid. */
export function parseHistory(text: string | null): readonly HistoryEntry[] {
  try {
    const stored: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(stored) ? stored.filter(isEntry).slice(0, MOST_ENTRIES) : [];
  } catch {
    return [];
  }
}

export function readHistory(store: Store): readonly HistoryEntry[] {
  return parseHistory(store.getItem(KEY));
}

/** If the store is full or forbidden, the query is not remembered, and nothing else happens. */
export function remember(store: Store, query: string, at: number): void {
  try {
    store.setItem(KEY, JSON.stringify(remembered(readHistory(store), query, at)));
  } catch {
    // The query still runs.
  }
}

export function clearHistory(store: Store): void {
  store.removeItem(KEY);
}

function isEntry(value: unknown): value is HistoryEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { query, at } = value as Partial<HistoryEntry>; // checked on the next line
  return typeof query === 'string' && query !== '' && typeof at === 'number';
}
