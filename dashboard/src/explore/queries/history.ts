/** The queries that were run in this browser, newest first. Nothing but queries and their times is kept. */

export interface HistoryEntry {
  readonly query: string;
  /** Unix seconds. */
  readonly at: number;
}

const MOST_ENTRIES = 50;
const KEY = 'asdlc.explore-history';

/** What is used of the browser's localStorage. */
export interface Store {
  readonly getItem: (key: string) => string | null;
  readonly setItem: (key: string, text: string) => void;
  readonly removeItem: (key: string) => void;
}

/** With `query` at the top, once, and the oldest left out. */
export function remembered(
  entries: readonly HistoryEntry[],
  query: string,
  at: number,
): readonly HistoryEntry[] {
  return [{ query, at }, ...entries.filter((entry) => entry.query !== query)].slice(0, MOST_ENTRIES);
}

/** What was stored, as far as it can be understood. */
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

/** A full or forbidden store costs the history, and nothing else. */
export function remember(store: Store, query: string, at: number): void {
  try {
    store.setItem(KEY, JSON.stringify(remembered(readHistory(store), query, at)));
  } catch {
    // The query runs all the same.
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
